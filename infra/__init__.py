"""Everything around the product: the two commands (`infra/up`, `infra/test`), what they stand on, deployment."""
