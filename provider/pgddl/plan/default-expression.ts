/**
 * Whether every row gets the same value of `expression`, so that ADD COLUMN stores it once and rewrites nothing.
 * Says no when in doubt: literals, arrays and casts of them, and the clock of the transaction, nothing else.
 */
export function isSteady(expression: string): boolean {
  const bare = expression
    .replaceAll(/(?<!\w)[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'/gs, " 0 ")
    .replaceAll(/::\s*"?[a-z_][\w ".]*(?:\(\s*\d+(?:\s*,\s*\d+)?\s*\))?(?:\s*\[\d*\])*/gi, " ")
    .replaceAll(/\b(?:now|transaction_timestamp|statement_timestamp)\s*\(\s*\)/gi, " 0 ")
    .replaceAll(/\b(?:current_date|current_timestamp|current_time|localtimestamp|localtime)\b/gi, " 0 ")
    .replaceAll(/\b(?:true|false|null|array|interval|date|timestamp)\b/gi, " ");
  return /^[\s\d.,+\-*/()[\]]*$/.test(bare);
}

export function isNull(expression: string): boolean {
  return /^\(*\s*null\b/i.test(expression);
}
