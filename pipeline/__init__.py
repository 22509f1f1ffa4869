"""From a message to a decision: the stages, the policy as data, and the types between them. No framework."""
