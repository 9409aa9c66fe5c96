"""The county desk 县级工作台: the root, task packs, what the townships send on, closing."""
