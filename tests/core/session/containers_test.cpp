// Models over sequences, optionals and maps: through branches and loops, in and out of sessions, bound, saved,
// explained, many at once. Models are written in ONNX's text form.
#include <atomic>
#include <thread>

#include "backplane/tensor_file.hpp"
#include "session_test_helper.hpp"
#include "text_model_helper.hpp"

namespace bp::test {
namespace {

constexpr const char* kHead = "<ir_version: 8, opset_import: [\"\" : 17, \"ai.onnx.ml\" : 3, \"local\" : 1]> ";

class ContainerSession : public SessionTest {
 protected:
  Model text_model(const std::string& text) {
    bytes = parse_model(kHead + text).SerializeAsString();
    return Model::load(std::as_bytes(std::span<const char>(bytes))).value();
  }
  Session session(const std::string& text, const SessionOptions& options = {}) {
    return Session::create(environment(), text_model(text), options).value();
  }
  static Result<std::vector<Value>> run(const Session& session, const std::vector<Value>& inputs) {
    return session.run(std::span<const Value>(inputs));
  }
  static Value number(int64_t value) { return Value::copy_of<int64_t>({}, {&value, 1}).value(); }
  static Value flag(bool value) { return Value::copy_of<bool>({}, {&value, 1}).value(); }
  // The first elements of all tensors of a sequence.
  static std::vector<float> firsts(const Value& sequence) {
    std::vector<float> all;
    for (const Value& element : sequence.elements()) all.push_back(numbers_of(element).at(0));
    return all;
  }
};

class CpuContainerSession : public ContainerSession {
 protected:
  void SetUp() override {
    if (!has_cpu()) GTEST_SKIP() << "the CPU provider is not built";
  }
};

// out = items with x at the front.
constexpr const char* kPutInFront = R"(
  g (seq(float[N]) items, float[N] x) => (seq(float[N]) out) {
    zero = Constant <value = int64 {0}> ()
    out = SequenceInsert (items, x, zero)
  })";

// Repeats `x` for as often as `n` says, in a loop within a branch; without `go` the sequence stays empty.
constexpr const char* kGrow = R"(
  g (int64 n, bool go, float[K] x) => (seq(float[K]) out) {
    out = If (go) <
      then_branch = grow () => (seq(float[K]) grown) {
        empty = SequenceEmpty ()
        grown = Loop (n, , empty) <body = round (int64 i, bool c, seq(float[K]) so_far) => (bool c2, seq(float[K]) more) {
          c2 = Identity (c)
          f = Cast <to = 1> (i)
          y = Add (x, f)
          more = SequenceInsert (so_far, y)
        }>
      },
      else_branch = none () => (seq(float[K]) nothing) {
        nothing = SequenceEmpty ()
      }>
  })";

TEST_F(ContainerSession, SequencesGoInAndOutWithoutAnyProvider) {
  const Session made = Session::create(environment(false), text_model(kPutInFront)).value();
  EXPECT_EQ(made.inputs()[0].type, "seq(float32[N])");
  ASSERT_EQ(made.inputs()[0].contained.size(), 1u);
  const auto results =
      run(made, {Value::sequence({floats({2}, {1, 2}), floats({1}, {3})}), floats({3}, {4, 5, 6})}).value();
  EXPECT_EQ(firsts(results[0]), (std::vector<float>{4, 1, 3}));
  EXPECT_EQ(firsts(run(made, {Value::sequence({}), floats({1}, {7})}).value()[0]), (std::vector<float>{7}));
}

TEST_F(ContainerSession, ResultsAreTheCallersOwn) {
  const Session made = Session::create(environment(false), text_model(kPutInFront)).value();
  Value kept = floats({1}, {1});
  Value x = floats({1}, {2});
  const auto results = run(made, {Value::sequence({kept}), x}).value();
  static_cast<float*>(kept.mutable_data())[0] = 8;
  static_cast<float*>(x.mutable_data())[0] = 9;
  EXPECT_EQ(firsts(results[0]), (std::vector<float>{2, 1}));
}

TEST_F(ContainerSession, WrongElementsAreNamed) {
  const Session made = Session::create(environment(false), text_model(kPutInFront)).value();
  const auto error = [&](const Value& items) {
    return run(made, {items, floats({1}, {1})}).status().message();
  };
  EXPECT_NE(error(Value::sequence({floats({1}, {1}), number(1)}))
                .find("input 'items' element 1 must be float32[N], is int64[]"),
            std::string::npos);
  EXPECT_NE(error(floats({1}, {1})).find("must be seq(float32[N]), is float32[1]"), std::string::npos);
  EXPECT_NE(error(Value::sequence({Value()})).find("element 0 must be float32[N], is none"), std::string::npos);
}

TEST_F(ContainerSession, ErrorsOfARunNameTheNode) {
  const Session at = Session::create(environment(false), text_model(R"(
    g (seq(float[N]) items, int64 i) => (float[N] out) { out = SequenceAt (items, i) })"))
                         .value();
  const Status status = run(at, {Value::sequence({floats({1}, {1})}), number(4)}).status();
  EXPECT_EQ(status.code(), ErrorCode::kInvalidArgument);
  EXPECT_NE(
      status.message().find(
          "SequenceAt 'SequenceAt_0': the position must be in [-1, 0] for a sequence of 1 elements, is 4"),
      std::string::npos)
      << status.message();
  const Session get = Session::create(environment(false), text_model(R"(
    g (optional(float[N]) maybe) => (float[N] out) { out = OptionalGetElement (maybe) })"))
                          .value();
  EXPECT_NE(
      run(get, {Value()})
          .status()
          .message()
          .find(
              "OptionalGetElement 'OptionalGetElement_0': input 0 must be an optional with content, has none"),
      std::string::npos);
}

TEST_F(ContainerSession, TensorsOfOtherDimsThanPromisedAreFound) {
  // What devices are told of a value must hold: the file says [2], the element has 3.
  const Session at = Session::create(environment(false), text_model(R"(
    g (seq(float[N]) items, int64 i) => (float[2] out) { out = SequenceAt (items, i) })"))
                         .value();
  EXPECT_NE(run(at, {Value::sequence({floats({3}, {1, 2, 3})}), number(0)})
                .status()
                .message()
                .find("output 'out': must be float32[2], is float32[3]"),
            std::string::npos);
}

TEST_F(ContainerSession, OptionalsAreGivenLeftOutAndHandedBack) {
  const Session made = Session::create(environment(false), text_model(R"(
    g (optional(seq(float[N])) maybe) => (bool has, optional(seq(float[N])) out) {
      has = OptionalHasElement (maybe)
      out = Identity (maybe)
    })"))
                           .value();
  const auto has = [&](const std::vector<Value>& inputs) {
    const auto results = run(made, inputs).value();
    EXPECT_EQ(results[1].kind(), ValueKind::kOptional);
    EXPECT_EQ(results[1].elements().empty(), !results[0].as<bool>().value()[0]);
    return results[0].as<bool>().value()[0];
  };
  const Value row = Value::sequence({floats({1}, {1})});
  EXPECT_TRUE(has({Value::optional(row)}));
  EXPECT_TRUE(has({row}));  // stands for an optional with content
  EXPECT_FALSE(has({Value::optional(Value())}));
  EXPECT_FALSE(has({}));
  EXPECT_NE(run(made, {Value::optional(number(1))}).status().message().find("the content must be seq"),
            std::string::npos);
}

TEST_F(CpuContainerSession, ASequenceGrowsInALoopWithinABranch) {
  const Session made = session(kGrow);
  const auto grown = [&](int64_t n, bool go, float x) {
    return firsts(run(made, {number(n), flag(go), floats({2}, {x, x})}).value()[0]);
  };
  EXPECT_EQ(grown(3, true, 10), (std::vector<float>{10, 11, 12}));
  EXPECT_EQ(grown(0, true, 10), (std::vector<float>{}));
  EXPECT_EQ(grown(3, false, 10), (std::vector<float>{}));
  EXPECT_EQ(grown(5, true, 0), (std::vector<float>{0, 1, 2, 3, 4}));
}

TEST_F(CpuContainerSession, ALongLoopCollectsInLinearTime) {
  const Session made = session(kGrow);
  const auto all = firsts(run(made, {number(3000), flag(true), floats({1}, {0})}).value()[0]);
  ASSERT_EQ(all.size(), 3000u);
  EXPECT_EQ(all.back(), 2999.0f);
}

TEST_F(CpuContainerSession, ASequenceIsCarriedThroughALoopThatDoesNotRun) {
  const Session made = session(R"(
    g (int64 n, seq(float[N]) items) => (seq(float[N]) out, float[M] joined) {
      out = Loop (n, , items) <body = round (int64 i, bool c, seq(float[N]) so_far) => (bool c2, seq(float[N]) less) {
        c2 = Identity (c)
        less = SequenceErase (so_far)
      }>
      joined = ConcatFromSequence <axis = 0> (out)
    })");
  const Value items = Value::sequence({floats({1}, {1}), floats({2}, {2, 3}), floats({1}, {4})});
  const auto whole = run(made, {number(0), items}).value();
  EXPECT_EQ(whole[0].elements().size(), 3u);
  EXPECT_EQ(numbers_of(whole[1]), (std::vector<float>{1, 2, 3, 4}));
  EXPECT_EQ(numbers_of(run(made, {number(1), items}).value()[1]), (std::vector<float>{1, 2, 3}));
  EXPECT_NE(run(made, {number(4), items}).status().message().find("empty sequence"), std::string::npos);
  EXPECT_NE(run(made, {number(3), items}).status().message().find("ConcatFromSequence"), std::string::npos);
}

TEST_F(CpuContainerSession, ElementsOfAnyShapeGoToTheDevice) {
  const Session made = session(R"(
    g (seq(float[R, C]) items, int64 i) => (float[R2, C2] out, int64 count) {
      element = SequenceAt (items, i)
      out = Relu (element)
      count = SequenceLength (items)
    })");
  const Value items = Value::sequence({floats({1, 2}, {-1, 2}), floats({2, 1}, {3, -4})});
  for (int round = 0; round < 2; ++round) {
    const auto first = run(made, {items, number(0)}).value();
    EXPECT_EQ(first[0].dims(), (std::vector<int64_t>{1, 2}));
    EXPECT_EQ(numbers_of(first[0]), (std::vector<float>{0, 2}));
    EXPECT_EQ(first[1].as<int64_t>().value()[0], 2);
    EXPECT_EQ(numbers_of(run(made, {items, number(-1)}).value()[0]), (std::vector<float>{3, 0}));
  }
}

TEST_F(CpuContainerSession, ElementsNeedNotShareTheSizesThatTheirTypeNames) {
  // Were both [N], the Expand would be thought to change nothing.
  const Session made = session(R"(
    g (seq(float[N]) items, int64 i, int64 j) => (float[M] out) {
      a = SequenceAt (items, i)
      b = SequenceAt (items, j)
      dims = Shape (b)
      out = Expand (a, dims)
    })");
  const Value items = Value::sequence({floats({1}, {7}), floats({3}, {1, 2, 3})});
  EXPECT_EQ(numbers_of(run(made, {items, number(0), number(1)}).value()[0]), (std::vector<float>{7, 7, 7}));
}

TEST_F(CpuContainerSession, FunctionsOfTheModelMayTakeSequences) {
  const Session made = session(R"(
    g (seq(float[N]) items, float[N] x) => (seq(float[N]) out) { out = local.twice (items, x) }
    <opset_import: ["" : 17], domain: "local">
    twice (s, x) => (o) {
      m = SequenceInsert (s, x)
      y = Relu (x)
      o = SequenceInsert (m, y)
    })");
  const auto results = run(made, {Value::sequence({}), floats({1}, {-3})}).value();
  EXPECT_EQ(firsts(results[0]), (std::vector<float>{-3, 0}));
}

TEST_F(CpuContainerSession, SparseConstantsAreMadeDense) {
  onnx::ModelProto proto = parse_model(std::string(kHead) + R"(
    g (float[3] x) => (float[3] y) {
      c = Constant <value_int = 1> ()
      y = Add (x, c)
    })");
  onnx::AttributeProto& constant = *proto.mutable_graph()->mutable_node(0)->mutable_attribute(0);
  constant.Clear();
  constant.set_name("sparse_value");
  constant.set_type(onnx::AttributeProto::SPARSE_TENSOR);
  onnx::SparseTensorProto& sparse = *constant.mutable_sparse_tensor();
  sparse.add_dims(3);
  sparse.mutable_values()->set_data_type(onnx::TensorProto::FLOAT);
  sparse.mutable_values()->add_dims(1);
  sparse.mutable_values()->add_float_data(5);
  sparse.mutable_indices()->set_data_type(onnx::TensorProto::INT64);
  sparse.mutable_indices()->add_dims(1);
  sparse.mutable_indices()->add_int64_data(1);
  const std::string text = proto.SerializeAsString();
  const Model model = Model::load(std::as_bytes(std::span<const char>(text))).value();
  const Session made = Session::create(environment(), model).value();
  EXPECT_EQ(numbers_of(run(made, {floats({3}, {1, 2, 3})}).value()[0]), (std::vector<float>{1, 7, 3}));
}

TEST_F(CpuContainerSession, TheLengthOfASequenceMayDecideAShape) {
  const Session made = session(R"(
    g (seq(float[N]) items, float[1] x) => (float[M] out) {
      length = SequenceLength (items)
      axis = Constant <value = int64[1] {0}> ()
      dims = Unsqueeze (length, axis)
      out = Expand (x, dims)
    })");
  for (const size_t count : {2, 5, 0, 2}) {
    const Value items = Value::sequence(std::vector<Value>(count, floats({1}, {1})));
    EXPECT_EQ(run(made, {items, floats({1}, {3})}).value()[0].dims(),
              (std::vector<int64_t>{static_cast<int64_t>(count)}));
  }
}

TEST_F(CpuContainerSession, HostValuesOfEarlierSegmentsDecideLaterShapes) {
  // `i + 1` is known before the branch has run; the Slice behind the branch needs it each time anew.
  const Session made = session(R"(
    g (float[N] x, int64 n, bool go) => (seq(float[K]) out) {
      empty = SequenceEmpty ()
      zero = Constant <value = int64[1] {0}> ()
      one = Constant <value = int64 {1}> ()
      out = Loop (n, go, empty) <body = round (int64 i, bool c, seq(float[K]) so_far) => (bool c2, seq(float[K]) more) {
        c2 = Identity (c)
        next = Add (i, one)
        end = Unsqueeze (next, zero)
        y = If (c) <
          then_branch = a () => (float[N] p) { p = Relu (x) },
          else_branch = b () => (float[N] q) { q = Neg (x) }>
        part = Slice (y, zero, end)
        more = SequenceInsert (so_far, part)
      }>
    })");
  const auto results = run(made, {floats({3}, {1, 2, 3}), number(3), flag(true)}).value();
  ASSERT_EQ(results[0].elements().size(), 3u);
  for (size_t i = 0; i < 3; ++i)
    EXPECT_EQ(results[0].elements()[i].dims(), (std::vector<int64_t>{static_cast<int64_t>(i) + 1}));
}

TEST_F(CpuContainerSession, AnOptionalOfASequenceIsCarriedAndOpened) {
  const Session made = session(R"(
    g (int64 n, optional(seq(float[N])) maybe, float[N] x) => (seq(float[N]) out) {
      done = Loop (n, , maybe) <body = round (int64 i, bool c, optional(seq(float[N])) so_far) => (bool c2, optional(seq(float[N])) next) {
        c2 = Identity (c)
        has = OptionalHasElement (so_far)
        row = If (has) <
          then_branch = a () => (seq(float[N]) old) { old = OptionalGetElement (so_far) },
          else_branch = b () => (seq(float[N]) fresh) { fresh = SequenceEmpty () }>
        more = SequenceInsert (row, x)
        next = Optional (more)
      }>
      out = OptionalGetElement (done)
    })");
  const Value x = floats({1}, {5});
  EXPECT_EQ(firsts(run(made, {number(2), Value(), x}).value()[0]), (std::vector<float>{5, 5}));
  const Value given = Value::optional(Value::sequence({floats({1}, {1})}));
  EXPECT_EQ(firsts(run(made, {number(1), given, x}).value()[0]), (std::vector<float>{1, 5}));
  EXPECT_EQ(firsts(run(made, {number(0), given, x}).value()[0]), (std::vector<float>{1}));
  EXPECT_NE(run(made, {number(0), Value(), x}).status().message().find("OptionalGetElement"),
            std::string::npos);
}

TEST_F(CpuContainerSession, ScoresBecomeMapsAndMapsBecomeTensors) {
  const Session zip = session(R"(
    g (float[N, 2] x) => (seq(map(int64, float)) out) {
      y = Relu (x)
      out = ai.onnx.ml.ZipMap <classlabels_int64s = [4, 9]> (y)
    })");
  const auto maps = run(zip, {floats({2, 2}, {1, -2, 3, 4})}).value()[0];
  ASSERT_EQ(maps.elements().size(), 2u);
  EXPECT_EQ(maps.elements()[0].kind(), ValueKind::kMap);
  EXPECT_EQ(maps.elements()[1].elements()[0].as<int64_t>().value()[1], 9);
  EXPECT_EQ(numbers_of(maps.elements()[1].elements()[1]), (std::vector<float>{3, 4}));

  const Session row = session(R"(
    g (map(string, float) grades) => (float[1, C] out) {
      y = ai.onnx.ml.DictVectorizer <string_vocabulary = ["b", "a", "c"]> (grades)
      out = Relu (y)
    })");
  const std::vector<std::string> keys = {"a", "b"};
  const Value grades = Value::map(Value::strings({2}, keys).value(), floats({2}, {1, 2})).value();
  EXPECT_EQ(numbers_of(run(row, {grades}).value()[0]), (std::vector<float>{2, 1, 0}));
  const Value wrong =
      Value::map(Value::copy_of<int64_t>({1}, std::vector<int64_t>{1}).value(), floats({1}, {1})).value();
  EXPECT_NE(run(row, {wrong}).status().message().find("the keys must be string, are int64[1]"),
            std::string::npos);
  const Value texts = Value::map(Value::strings({2}, keys).value(), Value::strings({2}, keys).value()).value();
  EXPECT_NE(run(row, {texts}).status().message().find("the values must be float32"), std::string::npos);
}

TEST_F(CpuContainerSession, OneSessionServesManyThreadsOverSequences) {
  const Session made = session(kGrow);
  std::atomic<int> wrong{0};
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller)
    callers.emplace_back([&, caller] {
      for (int round = 0; round < 50; ++round) {
        const int64_t n = (caller + round) % 7;
        const auto start = static_cast<float>(caller * 100);
        const auto results =
            run(made, {number(n), flag(true),
                       floats({1 + round % 2}, std::vector<float>(1 + static_cast<size_t>(round) % 2, start))});
        std::vector<float> expected;
        for (int64_t i = 0; i < n; ++i) expected.push_back(start + static_cast<float>(i));
        wrong += results.ok() && firsts((*results)[0]) == expected ? 0 : 1;
      }
    });
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(wrong.load(), 0);
}

TEST_F(CpuContainerSession, BoundRunsTakeAndGiveSequences) {
  const Session made = session(kPutInFront);
  IoBinding binding = made.bind().value();
  ASSERT_TRUE(binding.bind_input("items", Value::sequence({floats({1}, {1})})).ok());
  ASSERT_TRUE(binding.bind_input("x", floats({1}, {2})).ok());
  ASSERT_TRUE(made.run(binding).ok());
  EXPECT_EQ(firsts(binding.output("out").value()), (std::vector<float>{2, 1}));
  EXPECT_NE(binding.bind_output("out", Value::sequence({})).message().find("cannot be written"),
            std::string::npos);
  EXPECT_FALSE(binding.bind_input("items", floats({1}, {1})).ok());
}

TEST_F(CpuContainerSession, ReportProfileAndSavedFilesKnowTheNodes) {
  SessionOptions options;
  options.profile_path = ::testing::TempDir() + "backplane_containers_trace.json";
  const Session made = session(kGrow, options);
  ASSERT_TRUE(run(made, {number(2), flag(true), floats({1}, {0})}).ok());
  size_t in_core = 0;
  for (const ReportNode& node : made.report().nodes)
    if (node.op_type == "SequenceInsert" || node.op_type == "SequenceEmpty") {
      EXPECT_EQ(node.placement, "core") << node.name;
      EXPECT_TRUE(node.verdicts.empty());
      ++in_core;
    }
  EXPECT_GE(in_core, 3u);
  ASSERT_TRUE(made.write_profile().ok());
  std::filesystem::remove(options.profile_path);

  const std::string model_path = ::testing::TempDir() + "backplane_containers.onnx";
  const std::string programs_path = ::testing::TempDir() + "backplane_containers.bpp";
  ASSERT_TRUE(made.save_optimized_model(model_path).ok());
  ASSERT_TRUE(made.save_programs(programs_path).ok());
  SessionOptions again;
  again.saved_programs = programs_path;
  const Session loaded = Session::create(environment(), model_path, again).value();
  EXPECT_EQ(firsts(run(loaded, {number(2), flag(true), floats({1}, {3})}).value()[0]),
            (std::vector<float>{3, 4}));
  std::filesystem::remove(model_path);
  std::filesystem::remove(programs_path);
}

TEST_F(ContainerSession, ValuesOfEveryKindSurviveAFile) {
  const std::string path = ::testing::TempDir() + "backplane_value.pb";
  const Value map =
      Value::map(Value::copy_of<int64_t>({2}, std::vector<int64_t>{3, 4}).value(), floats({2}, {1, 2})).value();
  const auto again = [&](const Value& value) {
    EXPECT_TRUE(write_value_file(path, value).ok());
    ValueInfo info;
    info.kind = value.kind();
    return read_value_file(path, info).value();
  };
  const Value maps = again(Value::sequence({map, map}));
  ASSERT_EQ(maps.elements().size(), 2u);
  EXPECT_EQ(numbers_of(maps.elements()[1].elements()[1]), (std::vector<float>{1, 2}));
  const Value optional = again(Value::optional(Value::sequence({floats({1}, {5})})));
  ASSERT_EQ(optional.elements().size(), 1u);
  EXPECT_EQ(firsts(optional.elements()[0]), (std::vector<float>{5}));
  EXPECT_TRUE(again(Value::optional(Value())).elements().empty());
  std::filesystem::remove(path);
}

TEST_F(CpuContainerSession, ScanOfOpset8WalksEachSequenceOfTheBatch) {
  onnx::ModelProto proto = parse_model(R"(
    <ir_version: 4, opset_import: ["" : 8]>
    g (int64[2] lengths, float[2, 1] start, float[2, 3, 1] x) => (float[2, 1] end, float[2, 3, 1] all) {
      end, all = Scan <num_scan_inputs = 1, directions = [1], body = round (float[1] sum, float[1] next) => (float[1] sum2, float[1] out) {
        sum2 = Add (sum, next)
        out = Identity (sum2)
      }> (lengths, start, x)
    })");
  const Value lengths = Value::copy_of<int64_t>({2}, std::vector<int64_t>{3, 2}).value();
  const Value start = floats({2, 1}, {0, 10});
  const Value x = floats({2, 3, 1}, {1, 2, 3, 4, 5, 6});
  for (const bool with_lengths : {true, false}) {
    if (!with_lengths) {
      proto.mutable_graph()->mutable_node(0)->set_input(0, "");
      proto.mutable_graph()->mutable_input()->DeleteSubrange(0, 1);
    }
    const std::string text = proto.SerializeAsString();
    const Model model = Model::load(std::as_bytes(std::span<const char>(text))).value();
    const Session made = Session::create(environment(), model).value();
    const auto results =
        run(made, with_lengths ? std::vector{lengths, start, x} : std::vector{start, x}).value();
    // Backwards: 3 + 2 + 1, and 5 + 4 or 6 + 5 + 4 behind 10.
    EXPECT_EQ(numbers_of(results[0]), (std::vector<float>{6, with_lengths ? 19.0f : 25.0f}));
    EXPECT_EQ(numbers_of(results[1]), with_lengths ? (std::vector<float>{3, 5, 6, 15, 19, 0})
                                                   : (std::vector<float>{3, 5, 6, 16, 21, 25}));
  }
}

}  // namespace
}  // namespace bp::test
