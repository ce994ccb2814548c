"""The sentinel: it ends the wait for a lost instance, and never decides who leads.

One a Docker host, for that host's containers of one stack. A container that has died is started again at
once; an instance that has fallen silent is killed first, and started when it is known to have stopped. Patroni
does the rest. When the sentinel itself is gone, a lost primary costs Patroni's lease again, and nothing else.
"""
