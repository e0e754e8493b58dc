"""Makes golden.toml: the networks on real faces under ONNX Runtime.

Needs: pip install numpy onnx onnxruntime
Use, in the folder of the repository:
    mkdir INPUTS
    GOLDEN_INPUTS=INPUTS cargo test -p face -- --ignored golden::writes_the_inputs
    python make_golden.py MODELS INPUTS > golden.toml

The inputs are made by the engine, so that only the networks are compared; they and the templates
are not kept. Of a template the file holds its products with 32 directions of signs.
"""

import pathlib
import sys

import numpy as np
import onnx
import onnxruntime

MODELS, INPUTS = sys.argv[1], pathlib.Path(sys.argv[2])
DIRECTIONS, FEATURES = 32, 512
MASK = (1 << 64) - 1


def session(file, shape):
    model = onnx.load(f"{MODELS}/{file}")
    for dim, value in zip(model.graph.input[0].type.tensor_type.shape.dim, shape):
        dim.dim_value = value
    for output in model.graph.output:
        for dim in output.type.tensor_type.shape.dim:
            dim.dim_param = "any"
    del model.graph.value_info[:]
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def run(network, planes):
    return network.run(None, {network.get_inputs()[0].name: planes[None]})


def planes(name, role, side):
    values = np.fromfile(INPUTS / f"{name}.{role}.f32", dtype="<f4")
    return values.reshape(3, *side)


def sign(number):
    """The lowest bit of SplitMix64's output function."""
    z = number * 0x9E3779B97F4A7C15 & MASK
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
    return -1.0 if (z ^ z >> 31) & 1 else 1.0


def numbers(values):
    return "[" + ", ".join(f"{value:.6f}" for value in np.ravel(values)) + "]"


SIGNS = np.array([[sign(d * FEATURES + i) for i in range(FEATURES)] for d in range(DIRECTIONS)])
EXTRACTOR = session("fr_feature.onnx", [1, 3, 112, 112])
ATTACK = session("fr_liveness.onnx", [1, 3, 128, 128])
DETECTOR = session("centerface.onnx", [1, 3, 192, 256])

print(f"# Made by make_golden.py with ONNX Runtime {onnxruntime.__version__}.")
for path in sorted(INPUTS.glob("*.Template.f32")):
    name = path.name.removesuffix(".Template.f32")
    [features] = run(EXTRACTOR, (planes(name, "Template", (112, 112))[::-1] - 127) / 128)[0]
    features = features / np.linalg.norm(features)
    attack = run(ATTACK, planes(name, "Attack", (128, 128))[::-1])[0]
    outputs = run(DETECTOR, planes(name, "Detector", (192, 256)))
    cells = np.concatenate([output[0].reshape(-1, 48 * 64) for output in outputs])
    cell = cells[0].argmax()
    print(f'\n[[face]]\npicture = "{name}"')
    print(f"template = {numbers(SIGNS @ features / np.sqrt(FEATURES))}")
    print(f"attack = {numbers(attack)}")
    print(f"cell = {cell}\ndetector = {numbers(cells[:, cell])}")
