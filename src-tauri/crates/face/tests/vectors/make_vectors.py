"""Makes reference.toml: the same models and pictures under ONNX Runtime and OpenCV.

Needs: pip install onnx onnxruntime opencv-python-headless numpy pillow scikit-image
Use: python make_vectors.py MODELS PICTURES > reference.toml

The file holds boxes, landmarks, transforms, scores between public pictures, and network outputs
for a computed pattern. It holds no picture and no template of a person.
"""

import sys

import cv2
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper
from PIL import Image, ImageOps
from skimage.transform import SimilarityTransform

MODELS, PICTURES = sys.argv[1:3]
NAMES = ["obama.jpg", "obama2.jpg", "obama3.jpg", "biden.jpg"]
POINTS = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]]
)


def session(model):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def load(file, shape=None):
    model = onnx.load(f"{MODELS}/{file}")
    if shape:
        for dim, value in zip(model.graph.input[0].type.tensor_type.shape.dim, shape):
            dim.dim_value = value
        for output in model.graph.output:
            for dim in output.type.tensor_type.shape.dim:
                dim.dim_param = "any"
        del model.graph.value_info[:]
    return session(model)


DETECTOR = load("centerface.onnx", [1, 3, 192, 256])
EXTRACTOR = load("fr_feature.onnx")
ATTACK = load("fr_liveness.onnx")


def planes(image):
    return image.astype(np.float32).transpose(2, 0, 1)[None]


def detect(image):
    """The face with the highest heat."""
    height, width = image.shape[:2]
    factor = max(width / 256, height / 192)
    size = (min(256, round(width / factor)), min(192, round(height / factor)))
    canvas = np.zeros((192, 256, 3), np.uint8)
    canvas[: size[1], : size[0]] = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    heat, scale, offset, marks = DETECTOR.run(None, {"input.1": planes(canvas)})
    row, column = np.unravel_index(heat[0, 0].argmax(), heat.shape[2:])
    high, wide = np.exp(scale[0, :, row, column]) * 4
    down, right = offset[0, :, row, column]
    left, top = (column + right + 0.5) * 4 - wide / 2, (row + down + 0.5) * 4 - high / 2
    marks = marks[0, :, row, column]
    points = [[left + marks[2 * i + 1] * wide, top + marks[2 * i] * high] for i in range(5)]
    return np.array([left, top, wide, high]) * factor, np.array(points) * factor


def align(image, points):
    """As OpenCV's warpAffine; with several values per pixel where the source is much larger."""
    matrix = SimilarityTransform.from_estimate(points, POINTS).params[:2]
    scale = 1 / np.hypot(matrix[0, 0], matrix[1, 0])
    samples = max(1, int(np.floor(scale / 2 + 0.5)))
    finer = matrix * samples
    finer[:, 2] += (samples - 1) / 2
    large = cv2.warpAffine(image, finer, (112 * samples, 112 * samples)).astype(np.float32)
    return matrix, large.reshape(112, samples, 112, samples, 3).mean(axis=(1, 3))


def template(aligned):
    features = EXTRACTOR.run(None, {"input": planes((aligned[:, :, ::-1] - 127) / 128)})[0][0]
    return features / np.linalg.norm(features)


def bona_fide(image, box):
    height, width = image.shape[:2]
    scale = min(2.7, (width - 1) / box[2], (height - 1) / box[3])

    def place(start, length, limit):
        wanted = length * scale
        start += (length - wanted) / 2
        return int(max(min(start, limit - 1 - wanted), 0)), int(wanted)

    left, wide = place(box[0], box[2], width)
    top, high = place(box[1], box[3], height)
    crop = cv2.resize(image[top : top + high, left : left + wide], (128, 128))
    logits = ATTACK.run(None, {"input": planes(crop[:, :, ::-1])})[0][0]
    powers = np.exp(logits - logits.max())
    return powers[0] / powers.sum()


def pattern(height, width):
    """(37 x + 59 y + 83 c + x y) mod 256 for the planes c = 0, 1, 2."""
    c, y, x = np.meshgrid(np.arange(3), np.arange(height), np.arange(width), indexing="ij")
    return ((37 * x + 59 * y + 83 * c + x * y) % 256).astype(np.float32)[None]


def prelu():
    values = np.linspace(-3, 3, 24, dtype=np.float32).reshape(1, 3, 2, 4)
    slopes = np.array([0.25, -0.5, 1.5], np.float32).reshape(3, 1, 1)
    graph = helper.make_graph(
        [helper.make_node("PRelu", ["x", "slope"], ["y"])],
        "prelu",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, values.shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, values.shape)],
        [helper.make_tensor("slope", TensorProto.FLOAT, slopes.shape, slopes.ravel())],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 9)], ir_version=7)
    return values, slopes, session(model).run(None, {"x": values})[0]


def numbers(values, digits):
    return "[" + ", ".join(f"{value:.{digits}f}" for value in np.ravel(values)) + "]"


print(f"# Made by make_vectors.py with ONNX Runtime {onnxruntime.__version__}, OpenCV {cv2.__version__}.")
templates = {}
for name in NAMES:
    picture = Image.open(f"{PICTURES}/{name}")
    image = np.array(ImageOps.exif_transpose(picture).convert("RGB"))
    box, points = detect(image)
    matrix, aligned = align(image, points)
    templates[name] = template(aligned)
    print(f'\n[[face]]\npicture = "{name}"')
    print("# left, top, width, height")
    print(f"box = {numbers(box, 2)}")
    print(f"landmarks = {numbers(points, 2)}")
    print("# a, b, u, v of the similarity to the template points")
    print(f"similarity = {numbers([matrix[0, 0], matrix[1, 0], matrix[0, 2], matrix[1, 2]], 5)}")
    print(f"bona_fide = {bona_fide(image, box):.4f}")
for i, first in enumerate(NAMES):
    for second in NAMES[i + 1 :]:
        score = templates[first] @ templates[second]
        print(f'\n[[pair]]\npictures = ["{first}", "{second}"]\nscore = {score:.4f}')
values, slopes, result = prelu()
print("\n[prelu]\nshape = [1, 3, 2, 4]")
print(f"values = {numbers(values, 6)}\nslopes = {numbers(slopes, 2)}\nresult = {numbers(result, 6)}")
print("\n# Outputs for the pattern (37 x + 59 y + 83 c + x y) mod 256, after the model's scaling.\n[pattern]")
print(f"template = {numbers(EXTRACTOR.run(None, {'input': (pattern(112, 112) - 127) / 128})[0], 5)}")
print(f"attack = {numbers(ATTACK.run(None, {'input': pattern(128, 128)})[0], 5)}")
heat = DETECTOR.run(None, {"input.1": pattern(192, 256)})[0][0, 0]
print(f"# Row 20 of the heat map.\nheat = {numbers(heat[20], 6)}")
