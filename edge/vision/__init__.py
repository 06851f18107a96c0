"""Models on the counter unit: weights by manifest, ONNX Runtime, faces, people, expressions."""
