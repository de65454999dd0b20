"""One middle-sized case for each operator: 10^6 output elements or more, or 10^8 multiplications or more.

Inputs: "TYPE DIMS" with dims "AxBxC" ("-": a scalar), numbers in [-1, 1) or whole ones in [0, 100); "TYPE DIMS <N"
gives whole numbers below N, "TYPE DIMS >0" positive ones; "=1,2" is a constant list of int64, "=s1" a constant
int64, "~1,2" a constant list of float32, "" an omitted input.
"""

MILLION = "f32 1024x1024"
BITS = "bool 1024x1024"
INTS = "i64 1024x1024"
IMAGE = "f32 8x64x56x56"
ROWS = "f32 4096x256"

ELEMENTWISE = """Abs Asin Asinh Atan Ceil Celu Cos Cosh Elu Erf Exp Floor Gelu HardSigmoid HardSwish Identity
LeakyRelu Mish Neg Reciprocal Relu Round Selu Shrink Sigmoid Sign Sin Sinh Softplus Softsign Tan Tanh ThresholdedRelu
IsInf IsNaN""".split()
POSITIVE = ["Log", "Sqrt"]
TWO = ["Add", "Sub", "Mul", "Div", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Max", "Min", "Mean",
       "Sum", "PRelu"]
LOGICAL = ["And", "Or", "Xor"]
BITWISE = ["BitwiseAnd", "BitwiseOr", "BitwiseXor"]
REDUCTIONS = ["ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin",
              "ReduceProd", "ReduceSum", "ReduceSumSquare"]

# They can give the memory of their input another shape: their ratios say nothing about kernels.
VIEWS = {"Dropout", "Flatten", "Identity", "Reshape", "Squeeze", "Unsqueeze"}

# operator, inputs, attributes
CASES = (
    [(op, [MILLION], {}) for op in ELEMENTWISE]
    + [(op, [MILLION + " >0"], {}) for op in POSITIVE]
    + [(op, [MILLION, MILLION], {}) for op in TWO]
    + [(op, [BITS, BITS], {}) for op in LOGICAL]
    + [(op, ["i32 1024x1024", "i32 1024x1024"], {}) for op in BITWISE]
    + [(op, ["f32 64x256x256 >0", "=-1"], {}) for op in REDUCTIONS]
    + [
        ("Acos", [MILLION], {}),
        ("Acosh", [MILLION + " >0"], {}),
        ("Atanh", [MILLION], {}),
        ("ArgMax", ["f32 64x256x256"], {"axis": -1}),
        ("ArgMin", ["f32 64x256x256"], {"axis": 1}),
        ("AveragePool", [IMAGE], {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}),
        ("BatchNormalization", [IMAGE, "f32 64", "f32 64", "f32 64", "f32 64 >0"], {}),
        ("BitShift", ["u32 1024x1024", "u32 1024x1024 <8"], {"direction": "LEFT"}),
        ("BitwiseNot", ["i32 1024x1024"], {}),
        ("Cast", [MILLION], {"to": 7}),
        ("CastLike", [MILLION, "f64 1"], {}),
        ("Clip", [MILLION, "f32 - <1", "f32 - >0"], {}),
        ("Compress", [MILLION, "bool 1024"], {"axis": 0}),
        ("Concat", ["f32 512x1024", "f32 512x1024"], {"axis": 1}),
        ("ConstantOfShape", ["=1024,1024"], {}),
        ("Conv", ["f32 1x64x56x56", "f32 64x64x3x3"], {"pads": [1, 1, 1, 1]}),
        ("ConvInteger", ["u8 1x32x56x56", "u8 32x32x3x3"], {"pads": [1, 1, 1, 1]}),
        ("ConvTranspose", ["f32 1x64x28x28", "f32 64x32x4x4"], {"strides": [2, 2], "pads": [1, 1, 1, 1]}),
        ("CumSum", [MILLION, "=s1"], {}),
        ("DFT", ["f32 64x16384x1", "", "=s1"], {}),
        ("DepthToSpace", ["f32 8x128x32x32"], {"blocksize": 2}),
        ("DequantizeLinear", ["u8 1024x1024", "f32 - >0", "u8 -"], {}),
        ("Det", ["f32 4096x16x16"], {}),
        ("Dropout", [MILLION], {}),
        ("DynamicQuantizeLinear", [MILLION], {"outputs": 3}),
        ("Einsum", ["f32 16x256x128", "f32 16x128x256"], {"equation": "bij,bjk->bik"}),
        ("Expand", ["f32 1024x1", "=1024,1024"], {}),
        ("EyeLike", [MILLION], {}),
        ("Flatten", [IMAGE], {}),
        ("GRU", ["f32 32x8x128", "f32 1x384x128", "f32 1x384x128"], {"hidden_size": 128}),
        ("Gather", ["f32 4096x256", "i64 4096 <4096"], {}),
        ("GatherElements", [MILLION, "i64 1024x1024 <1024"], {"axis": 1}),
        ("GatherND", ["f32 1024x1024", "i64 1048576x2 <1024"], {}),
        ("Gemm", ["f32 512x512", "f32 512x512", "f32 512"], {}),
        ("GlobalAveragePool", ["f32 8x256x28x28"], {}),
        ("GlobalMaxPool", ["f32 8x256x28x28"], {}),
        ("GridSample", ["f32 4x16x128x128", "f32 4x128x128x2"], {}),
        ("GroupNormalization", [IMAGE, "f32 64", "f32 64"], {"num_groups": 8}),
        ("Hardmax", [ROWS], {}),
        ("InstanceNormalization", [IMAGE, "f32 64", "f32 64"], {}),
        ("LRN", [IMAGE], {"size": 5}),
        ("LSTM", ["f32 32x8x128", "f32 1x512x128", "f32 1x512x128"], {"hidden_size": 128}),
        ("LayerNormalization", [ROWS, "f32 256", "f32 256"], {}),
        ("LogSoftmax", [ROWS], {}),
        ("LpNormalization", [ROWS], {}),
        ("LpPool", [IMAGE], {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}),
        ("MatMul", ["f32 512x512", "f32 512x512"], {}),
        ("MatMulInteger", ["u8 512x512", "u8 512x512"], {}),
        ("MaxPool", [IMAGE], {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}),
        ("MeanVarianceNormalization", [IMAGE], {}),
        ("Mod", [INTS, "i64 1024x1024 >0"], {}),
        ("Multinomial", ["f32 1024x64"], {"sample_size": 1024}),
        ("NegativeLogLikelihoodLoss", ["f32 4096x256", "i64 4096 <256"], {}),
        ("NonMaxSuppression", ["f32 1x2000x4 >0", "f32 1x8x2000 >0", "=100", "~0.5", "~0.1"], {}),
        ("NonZero", [MILLION], {}),
        ("Not", [BITS], {}),
        ("OneHot", ["i64 16384 <64", "=s64", "f32 2"], {}),
        ("Pad", ["f32 8x64x56x56", "=0,0,1,1,0,0,1,1"], {}),
        ("Pow", [MILLION + " >0", "f32 -"], {}),
        ("QLinearConv", ["u8 1x32x56x56", "f32 - >0", "u8 -", "u8 32x32x3x3", "f32 - >0", "u8 -", "f32 - >0", "u8 -"],
         {"pads": [1, 1, 1, 1]}),
        ("QLinearMatMul", ["u8 512x512", "f32 - >0", "u8 -", "u8 512x512", "f32 - >0", "u8 -", "f32 - >0", "u8 -"], {}),
        ("QuantizeLinear", [MILLION, "f32 - >0", "u8 -"], {}),
        ("RNN", ["f32 64x8x256", "f32 1x256x256", "f32 1x256x256"], {"hidden_size": 256}),
        ("RandomNormalLike", [MILLION], {"seed": 1.0}),
        ("RandomUniformLike", [MILLION], {"seed": 1.0}),
        ("Range", ["=s0", "=s1048576", "=s1"], {}),
        ("Reshape", [IMAGE, "=8,-1"], {}),
        ("Resize", ["f32 4x16x64x64", "", "~1,1,2,2"], {"mode": "linear"}),
        ("ReverseSequence", ["f32 256x64x64", "i64 64 <256"], {}),
        ("RoiAlign", ["f32 1x64x64x64", "f32 256x4 >0", "i64 256 <1"],
         {"output_height": 8, "output_width": 8, "spatial_scale": 8.0}),
        ("STFT", ["f32 16x16384x1", "=s64", "", "=s256"], {}),
        ("ScatterElements", [MILLION, "i64 1024x1024 <1024", MILLION], {"axis": 1}),
        ("ScatterND", [MILLION, "i64 1024x1 <1024", MILLION], {}),
        ("Slice", [MILLION, "=0,1023", "=1024,-2000", "=0,1", "=1,-1"], {}),
        ("Softmax", [ROWS], {}),
        ("SoftmaxCrossEntropyLoss", ["f32 4096x256", "i64 4096 <256"], {}),
        ("SpaceToDepth", ["f32 8x32x64x64"], {"blocksize": 2}),
        ("Split", [MILLION, "=512,512"], {"axis": 1, "outputs": 2}),
        ("Squeeze", ["f32 1x1024x1024", "=0"], {}),
        ("Swish", [MILLION], {"opset": 24}),
        ("Tile", ["f32 256x256", "=4,4"], {}),
        ("TopK", ["f32 1024x1024", "=100"], {"outputs": 2}),
        ("Transpose", ["f32 8x64x32x64"], {"perm": [0, 2, 3, 1]}),
        ("Trilu", [MILLION], {}),
        ("Unique", ["i64 1048576 <1000"], {}),
        ("Unsqueeze", [MILLION, "=0"], {}),
        ("Where", [BITS, MILLION, MILLION], {}),
    ]
)
