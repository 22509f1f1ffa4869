"""Makes a bundle: data, split, fine-tune, calibrate, evaluate, export, seal."""
