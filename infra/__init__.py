"""Everything around the product: the two commands (`infra/up`, `infra/test`), the services they stand on, deployment."""
