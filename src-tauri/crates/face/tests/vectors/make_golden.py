"""Makes golden.toml and golden_mobilefacenet_192.toml: the networks on real faces under ONNX
Runtime.

Needs: pip install numpy onnx onnxruntime
Use, in the folder of the repository:
    mkdir INPUTS
    GOLDEN_INPUTS=INPUTS cargo test -p face -- --ignored golden::writes_the_inputs
    python make_golden.py MODELS INPUTS > golden.toml
    python make_golden.py EXAMPLES/mobilefacenet-192 INPUTS > golden_mobilefacenet_192.toml

The inputs are made by the engine, so that only the networks are compared; they and the templates
are not kept. Of a template the file holds its products with 32 directions of signs.
"""

import pathlib
import sys

import numpy as np
import onnx
import onnxruntime

MODELS, INPUTS = sys.argv[1], pathlib.Path(sys.argv[2])
DIRECTIONS = 32
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


def products(features):
    count = len(features)
    signs = np.array([[sign(d * count + i) for i in range(count)] for d in range(DIRECTIONS)])
    return signs @ (features / np.linalg.norm(features)) / np.sqrt(count)


def names():
    return sorted(path.name.removesuffix(".Template.f32") for path in INPUTS.glob("*.Template.f32"))


print(f"# Made by make_golden.py with ONNX Runtime {onnxruntime.__version__}.")
if pathlib.Path(MODELS, "mobilefacenet-192.onnx").exists():
    EXTRACTOR = session("mobilefacenet-192.onnx", [1, 3, 112, 112])
    for name in names():
        [features] = run(EXTRACTOR, (planes(name, "Template", (112, 112)) - 127.5) / 128)[0]
        print(f'\n[[face]]\npicture = "{name}"\ntemplate = {numbers(products(features))}')
    sys.exit()

EXTRACTOR = session("fr_feature.onnx", [1, 3, 112, 112])
ATTACK = session("fr_liveness.onnx", [1, 3, 128, 128])
DETECTOR = session("centerface.onnx", [1, 3, 192, 256])

for name in names():
    [features] = run(EXTRACTOR, (planes(name, "Template", (112, 112))[::-1] - 127) / 128)[0]
    attack = run(ATTACK, planes(name, "Attack", (128, 128))[::-1])[0]
    outputs = run(DETECTOR, planes(name, "Detector", (192, 256)))
    cells = np.concatenate([output[0].reshape(-1, 48 * 64) for output in outputs])
    cell = cells[0].argmax()
    print(f'\n[[face]]\npicture = "{name}"')
    print(f"template = {numbers(products(features))}")
    print(f"attack = {numbers(attack)}")
    print(f"cell = {cell}\ndetector = {numbers(cells[:, cell])}")
