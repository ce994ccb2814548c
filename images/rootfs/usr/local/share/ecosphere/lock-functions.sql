-- Run in every database that there is from the start, as superuser; one that is made later is a copy of template0.
-- PostgreSQL lets PUBLIC call these: a login that may read alone could fill the disk with large objects.
DO $$
DECLARE
  called regprocedure;
BEGIN
  FOR called IN
    SELECT oid FROM pg_catalog.pg_proc
     WHERE pronamespace = 'pg_catalog'::regnamespace
       AND proname IN ('lo_creat', 'lo_create', 'lo_from_bytea')
  LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', called);
  END LOOP;
END
$$;
