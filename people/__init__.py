"""Users, departments, memberships, dated roles and rights: who may see whom and do what."""
