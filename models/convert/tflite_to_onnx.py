"""Writes a TensorFlow Lite network of convolutions as ONNX, for `venue.toml`.

    python3 tflite_to_onnx.py NETWORK.tflite NETWORK.onnx

It needs Python alone and calculates nothing but the slopes of PReLU, which are exact, so the same
file always becomes the same bytes with the same SHA-256. It knows what face embedders are made of:
convolutions, depthwise convolutions, sums, ReLU, PReLU (also as the converters of 2019 wrote it,
`relu(x) + c * (x - |x|)`) and the reshape at the end. Anything else, also weights that are not
32-bit floats, is refused with its name.

The input becomes `input`, 1 x channels x height x width; a network for several pictures at once
becomes one for one picture. The output becomes `embedding`, 1 x length. Whether they are to be
normalised, and how the input is scaled, a .tflite file does not say: ask its source.
"""

import struct
import sys

ADD, CONV, DEPTHWISE, MUL, RELU, RESHAPE, SUB, PRELU, ABS = 0, 3, 4, 18, 19, 22, 41, 54, 101
SAME, VALID = 0, 1


class Table:
    """A table of a FlatBuffers file: fields by their number in TensorFlow Lite's schema.fbs."""

    def __init__(self, data, at):
        self.data, self.at = data, at
        vtable = at - struct.unpack_from("<i", data, at)[0]
        size = struct.unpack_from("<H", data, vtable)[0]
        self.fields = struct.unpack_from(f"<{size // 2 - 2}H", data, vtable + 4)

    def number(self, field, kind="i", default=0):
        offset = self.fields[field] if field < len(self.fields) else 0
        return struct.unpack_from(f"<{kind}", self.data, self.at + offset)[0] if offset else default

    def _follow(self, at):
        return at + struct.unpack_from("<I", self.data, at)[0]

    def _vector(self, field):
        if field >= len(self.fields) or not self.fields[field]:
            return 0, 0
        at = self._follow(self.at + self.fields[field])
        return at + 4, struct.unpack_from("<I", self.data, at)[0]

    def numbers(self, field, kind="i"):
        at, count = self._vector(field)
        return list(struct.unpack_from(f"<{count}{kind}", self.data, at)) if count else []

    def bytes(self, field):
        at, count = self._vector(field)
        return self.data[at : at + count]

    def table(self, field):
        return Table(self.data, self._follow(self.at + self.fields[field]))

    def tables(self, field):
        at, count = self._vector(field)
        return [Table(self.data, self._follow(at + 4 * i)) for i in range(count)]


class Network:
    """The first graph of a .tflite file."""

    def __init__(self, data):
        if data[4:8] != b"TFL3":
            sys.exit("not a TensorFlow Lite file")
        model = Table(data, struct.unpack_from("<I", data)[0])
        # Codes above 127 moved to the wider field; files from before have only the narrow one.
        self.codes = [max(c.number(0, "b"), c.number(3)) for c in model.tables(1)]
        self.buffers = model.tables(4)
        graph = model.tables(2)[0]
        self.tensors = graph.tables(0)
        self.inputs, self.outputs = graph.numbers(1), graph.numbers(2)
        self.operators = graph.tables(3)

    def shape(self, tensor):
        return self.tensors[tensor].numbers(0)

    def weights(self, tensor):
        """The numbers of a constant tensor, or None if it is none."""
        data = self.buffers[self.tensors[tensor].number(2, "I")].bytes(0)
        if not data:
            return None
        if self.tensors[tensor].number(1, "b") != 0:
            sys.exit(f"tensor {tensor} holds no 32-bit floats")
        return struct.unpack(f"<{len(data) // 4}f", data)


def varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def field(number, value):
    """A field of a protocol buffer: a number, a text or a message."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


class Onnx:
    """An ONNX file as it is written (onnx.proto of the format's version 8, operators of set 13)."""

    def __init__(self):
        self.nodes, self.constants = [], []

    def constant(self, name, shape, values):
        body = b"".join(field(1, size) for size in shape) + field(2, 1) + field(8, name)
        self.constants.append(body + field(9, struct.pack(f"<{len(values)}f", *values)))
        return name

    def node(self, kind, inputs, output, **attributes):
        body = b"".join(field(1, name) for name in inputs) + field(2, output) + field(4, kind)
        for name, value in attributes.items():
            text = field(1, name)
            if isinstance(value, int):
                text += field(3, value) + field(20, 2)
            else:
                text += b"".join(field(8, one) for one in value) + field(20, 7)
            body += field(5, text)
        self.nodes.append(body)
        return output

    @staticmethod
    def value(name, shape):
        sizes = b"".join(field(1, field(1, size)) for size in shape)
        return field(1, name) + field(2, field(1, field(1, 1) + field(2, sizes)))

    def file(self, name, inputs, outputs):
        graph = b"".join(field(1, node) for node in self.nodes) + field(2, name)
        graph += b"".join(field(5, constant) for constant in self.constants)
        graph += b"".join(field(11, self.value(*value)) for value in inputs)
        graph += b"".join(field(12, self.value(*value)) for value in outputs)
        model = field(1, 8) + field(2, "postern tflite_to_onnx") + field(7, graph)
        return model + field(8, field(1, "") + field(2, 13))


def pads(padding, size, kernel, strides):
    """TensorFlow's padding: where SAME is uneven, the greater part is behind."""
    if padding == VALID:
        return [0, 0, 0, 0]
    both = [max((-(-n // s) - 1) * s + k - n, 0) for n, k, s in zip(size, kernel, strides)]
    return [n // 2 for n in both] + [n - n // 2 for n in both]


def convolution(net, onnx, operator, names, code):
    options = operator.table(4)
    shift = 1 if code == DEPTHWISE else 0
    strides = [options.number(2), options.number(1)]
    dilations = [options.number(5 + shift, default=1), options.number(4 + shift, default=1)]
    activation = options.number(3 + shift, "b")
    out = operator.numbers(2)[0]
    if len(operator.numbers(1)) != 3 or None in map(net.weights, operator.numbers(1)[1:]):
        sys.exit(f"tensor {out}: a convolution without constant weights and bias")
    picture, kernel, bias = operator.numbers(1)
    first, height, width, last = net.shape(kernel)
    # (1, height, width, channels) of a depthwise one; (outputs, height, width, inputs) else.
    channels, depth, groups = (last, 1, last) if shift else (first, last, 1)
    if dilations != [1, 1] or activation != 0 or (shift and options.number(3) != 1):
        sys.exit(f"tensor {out}: a dilation, an activation inside or more than one depth")
    given = net.weights(kernel)
    if shift:
        at = lambda o, i, y, x: (y * width + x) * last + o
    else:
        at = lambda o, i, y, x: ((o * height + y) * width + x) * last + i
    turned = [
        given[at(o, i, y, x)]
        for o in range(channels)
        for i in range(depth)
        for y in range(height)
        for x in range(width)
    ]
    weight = onnx.constant(f"w{out}", [channels, depth, height, width], turned)
    offset = onnx.constant(f"b{out}", [channels], net.weights(bias))
    edge = pads(options.number(0, "b"), net.shape(picture)[1:3], [height, width], strides)
    onnx.node(
        "Conv", [names[picture], weight, offset], f"t{out}",
        group=groups, kernel_shape=[height, width], pads=edge, strides=strides,
    )  # fmt: skip


def slopes_of(net, made_by, out):
    """(x, c) if this sum is `relu(x) + c * (x - |x|)`."""
    inputs = lambda tensor, code: made_by[tensor][1] if made_by.get(tensor, (None,))[0] == code else ()
    for relu, product in [made_by[out][1], made_by[out][1][::-1]]:
        for c, rest in [inputs(product, MUL), inputs(product, MUL)[::-1]] if inputs(product, MUL) else []:
            x = (inputs(relu, RELU) or [None])[0]
            difference = inputs(rest, SUB)
            if x is None or not difference or net.weights(c) is None:
                continue
            if difference[0] == x and tuple(inputs(difference[1], ABS)) == (x,):
                return x, net.weights(c)
    return None


def convert(data, name):
    net, onnx = Network(data), Onnx()
    if len(net.inputs) != 1 or len(net.outputs) != 1:
        sys.exit(f"{len(net.inputs)} inputs and {len(net.outputs)} outputs; one of each is expected")
    made_by = {}
    for operator in net.operators:
        code = net.codes[operator.number(0, "I")]
        made_by[operator.numbers(2)[0]] = (code, tuple(operator.numbers(1)), operator)
    # What is needed, from the end: the parts of a PReLU that became one node are not.
    slopes, steps, open_ends = {}, set(), list(net.outputs)
    while open_ends:
        out = open_ends.pop()
        if out in steps or out not in made_by:
            continue
        steps.add(out)
        code, inputs, _ = made_by[out]
        found = slopes_of(net, made_by, out) if code == ADD else None
        if found:
            slopes[out] = found
        open_ends.extend([found[0]] if found else inputs)
    (source,), (end,) = net.inputs, net.outputs
    names = {tensor: f"t{tensor}" for tensor in made_by} | {source: "input"}
    for out, (code, inputs, operator) in made_by.items():
        if out not in steps:
            continue
        if out in slopes:
            x, c = slopes[out]
            # relu(x) + c (x - |x|) is 2 c x below zero.
            slope = onnx.constant(f"s{out}", [len(c), 1, 1], [2 * one for one in c])
            onnx.node("PRelu", [names[x], slope], names[out])
        elif code in (CONV, DEPTHWISE):
            convolution(net, onnx, operator, names, code)
        elif code == PRELU:
            c = net.weights(inputs[1])
            slope = onnx.constant(f"s{out}", [len(c), 1, 1], c)
            onnx.node("PRelu", [names[inputs[0]], slope], names[out])
        elif code == RELU:
            onnx.node("Relu", [names[inputs[0]]], names[out])
        elif code == ADD and not any(net.weights(one) for one in inputs):
            onnx.node("Add", [names[one] for one in inputs], names[out])
        elif code == RESHAPE and out == end and net.shape(inputs[0])[1:3] == [1, 1]:
            onnx.node("Flatten", [names[inputs[0]]], "embedding", axis=1)
        else:
            sys.exit(f"tensor {out}: operator {code} of TensorFlow Lite is not known here")
    if made_by.get(end, (None,))[0] != RESHAPE:
        sys.exit("the network does not end in a list")
    _, height, width, channels = net.shape(source)
    length = net.shape(end)[-1]
    return onnx.file(name, [("input", [1, channels, height, width])], [("embedding", [1, length])])


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with open(sys.argv[1], "rb") as source:
        converted = convert(source.read(), "converted")
    with open(sys.argv[2], "wb") as target:
        target.write(converted)
