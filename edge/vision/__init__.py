"""Models on the device: weights by manifest, ONNX Runtime, faces, people, expressions.

Importing it switches off ONNX Runtime's telemetry, the one side effect on import in the edge: since
1.29 its wheels for Linux send events to their maker unless this stands in the environment before
the library is loaded. Nothing may leave a counter but what the contract names.
"""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
