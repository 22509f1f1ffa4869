"""What scores text: the keyword model, the encoder, the ONNX runtime and the sealed bundle that ships."""
