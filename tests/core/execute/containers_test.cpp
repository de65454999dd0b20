// Each kind of container node by itself: results, and errors with what was expected and found.
#include "execute/containers.hpp"

#include "execute_test_helper.hpp"

namespace bp {
namespace {

using namespace test;  // NOLINT

class Containers : public ::testing::Test {
 protected:
  Result<RuntimeValue> run(ContainerKind kind, std::vector<RuntimeValue> inputs,
                           std::vector<Attribute> attributes = {}, const ValueType& result = {}) {
    Node node;
    node.container = kind;
    node.attributes = std::move(attributes);
    return run_container_node({node, inputs, result, spaces_});
  }
  std::string error(ContainerKind kind, std::vector<RuntimeValue> inputs,
                    std::vector<Attribute> attributes = {}, const ValueType& result = {}) {
    return run(kind, std::move(inputs), std::move(attributes), result).status().message();
  }
  static RuntimeValue sequence(std::vector<RuntimeValue> elements) {
    return container_value(ValueKind::kSequence, std::move(elements));
  }
  static RuntimeValue map(RuntimeValue keys, RuntimeValue values) {
    return container_value(ValueKind::kMap, {std::move(keys), std::move(values)});
  }

  MemorySpaces spaces_{{}};
};

TEST_F(Containers, SequencesAreMadeReadAndChanged) {
  const RuntimeValue made = run(ContainerKind::kSequence, {ints({1}, {1}), ints({2}, {2, 3})}).value();
  EXPECT_EQ(elements_of<int64_t>(run(ContainerKind::kLength, {made}).value()), (std::vector<int64_t>{2}));
  EXPECT_EQ(run(ContainerKind::kAt, {made, ints({}, {-1})}).value().dims, (ConcreteDims{2}));
  const RuntimeValue more = run(ContainerKind::kInsert, {made, ints({3}, {4, 5, 6}), ints({}, {0})}).value();
  EXPECT_EQ(run(ContainerKind::kAt, {more, ints({}, {0})}).value().dims, (ConcreteDims{3}));
  const RuntimeValue at_end = run(ContainerKind::kInsert, {made, ints({4}, {1, 2, 3, 4})}).value();
  EXPECT_EQ(run(ContainerKind::kAt, {at_end, ints({}, {2})}).value().dims, (ConcreteDims{4}));
  const RuntimeValue fewer = run(ContainerKind::kErase, {more, ints({1}, {-2})}).value();
  ASSERT_EQ(fewer.elements.size(), 2u);
  EXPECT_EQ(fewer.elements[1].dims, (ConcreteDims{2}));
  EXPECT_EQ(run(ContainerKind::kErase, {made}).value().elements[0].dims, (ConcreteDims{1}));
  EXPECT_EQ(made.elements.size(), 2u);  // what was there has not changed
  EXPECT_EQ(run(ContainerKind::kEmpty, {}).value().elements.size(), 0u);
}

TEST_F(Containers, PositionsOutOfRangeAreErrors) {
  const RuntimeValue two = sequence({ints({}, {1}), ints({}, {2})});
  EXPECT_EQ(error(ContainerKind::kAt, {two, ints({}, {2})}),
            "the position must be in [-2, 1] for a sequence of 2 elements, is 2");
  EXPECT_NE(error(ContainerKind::kAt, {two, ints({}, {-3})}).find("is -3"), std::string::npos);
  EXPECT_TRUE(run(ContainerKind::kInsert, {two, ints({}, {3}), ints({}, {2})}).ok());
  EXPECT_NE(error(ContainerKind::kInsert, {two, ints({}, {3}), ints({}, {3})}).find("[-2, 2]"),
            std::string::npos);
  EXPECT_NE(error(ContainerKind::kErase, {two, ints({}, {2})}).find("[-2, 1]"), std::string::npos);
  EXPECT_NE(error(ContainerKind::kErase, {sequence({})}).find("empty sequence"), std::string::npos);
  EXPECT_NE(error(ContainerKind::kAt, {sequence({}), ints({}, {0})}).find("empty sequence"), std::string::npos);
  EXPECT_NE(error(ContainerKind::kAt, {two, floats({}, {0})}).find("must be of int32 or int64, is float32[]"),
            std::string::npos);
  EXPECT_NE(error(ContainerKind::kAt, {ints({}, {1}), ints({}, {0})}).find("must be a sequence, is int64[]"),
            std::string::npos);
}

TEST_F(Containers, ElementsAreOfOneType) {
  EXPECT_EQ(error(ContainerKind::kSequence, {ints({}, {1}), floats({}, {1})}),
            "input 1 must be of the type of the other elements, int64[], is float32[]");
  ValueType announced{ValueKind::kSequence, ElementType::kUndefined, false, {}, {}};
  announced.contained = std::make_shared<const ValueType>(ValueType::tensor(ElementType::kFloat32));
  EXPECT_EQ(error(ContainerKind::kInsert, {sequence({}), ints({}, {1})}, {}, announced),
            "input 1 must be of float32 as the elements of the sequence, is int64[]");
}

TEST_F(Containers, LentMemoryIsCopiedOnTheWayInAndSharedAfterwards) {
  RuntimeValue lent = floats({2}, {1, 2});
  lent.lent = true;
  const RuntimeValue made = run(ContainerKind::kSequence, {lent}).value();
  EXPECT_NE(made.elements[0].host_data(), lent.host_data());
  EXPECT_FALSE(made.elements[0].lent);
  const RuntimeValue read = run(ContainerKind::kAt, {made, ints({}, {0})}).value();
  EXPECT_EQ(read.host_data(), made.elements[0].host_data());
  const RuntimeValue again = run(ContainerKind::kInsert, {made, read}).value();
  EXPECT_EQ(again.elements[1].host_data(), read.host_data());
}

TEST_F(Containers, SplitsIntoPiecesOfOneSizeOrOfGivenSizes) {
  const RuntimeValue whole = ints({5, 2}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  const auto sizes = [&](std::vector<RuntimeValue> inputs, std::vector<Attribute> attributes = {}) {
    std::vector<ConcreteDims> dims;
    const RuntimeValue parts = run(ContainerKind::kSplit, std::move(inputs), std::move(attributes)).value();
    for (const RuntimeValue& part : parts.elements.all()) dims.push_back(part.dims);
    return dims;
  };
  EXPECT_EQ(sizes({whole, ints({}, {2})}), (std::vector<ConcreteDims>{{2, 2}, {2, 2}, {1, 2}}));
  EXPECT_EQ(sizes({whole, ints({3}, {1, 0, 4})}), (std::vector<ConcreteDims>{{1, 2}, {0, 2}, {4, 2}}));
  EXPECT_EQ(sizes({whole}, {{"axis", int64_t{1}}}), (std::vector<ConcreteDims>{{5, 1}, {5, 1}}));
  EXPECT_EQ(sizes({whole}, {{"axis", int64_t{-1}}, {"keepdims", int64_t{0}}}),
            (std::vector<ConcreteDims>{{5}, {5}}));
  EXPECT_EQ(sizes({ints({0}, {})}).size(), 0u);
  EXPECT_NE(error(ContainerKind::kSplit, {whole, ints({2}, {1, 3})}).find("add up to 5, they give 4"),
            std::string::npos);
  EXPECT_NE(error(ContainerKind::kSplit, {whole, ints({2}, {7, -2})}).find("one is 7"), std::string::npos);
  EXPECT_NE(error(ContainerKind::kSplit, {whole, ints({}, {0})}).find("must be > 0, is 0"), std::string::npos);
  EXPECT_NE(error(ContainerKind::kSplit, {whole}, {{"axis", int64_t{2}}}).find("axis must be in [-2, 1]"),
            std::string::npos);
}

TEST_F(Containers, JoinsWhatWasSplit) {
  const RuntimeValue whole = ints({2, 3}, {0, 1, 2, 3, 4, 5});
  const RuntimeValue parts = run(ContainerKind::kSplit, {whole}, {{"axis", int64_t{1}}}).value();
  const RuntimeValue again = run(ContainerKind::kJoin, {parts}, {{"axis", int64_t{1}}}).value();
  EXPECT_EQ(again.dims, whole.dims);
  EXPECT_EQ(elements_of<int64_t>(again), elements_of<int64_t>(whole));
  const RuntimeValue stacked =
      run(ContainerKind::kJoin, {parts}, {{"axis", int64_t{0}}, {"new_axis", int64_t{1}}}).value();
  EXPECT_EQ(stacked.dims, (ConcreteDims{3, 2, 1}));
  EXPECT_NE(error(ContainerKind::kJoin, {sequence({})}).find("empty sequence"), std::string::npos);
}

TEST_F(Containers, OptionalsHoldAValueOrNothing) {
  const auto has = [&](std::vector<RuntimeValue> inputs) {
    return elements_of<uint8_t>(run(ContainerKind::kHasContent, std::move(inputs)).value())[0];
  };
  const RuntimeValue full = run(ContainerKind::kOptional, {sequence({ints({}, {1})})}).value();
  const RuntimeValue none = run(ContainerKind::kOptional, {}).value();
  EXPECT_EQ(type_string(full), "optional(seq(1))");
  EXPECT_EQ(type_string(none), "optional(none)");
  EXPECT_EQ(has({full}), 1);
  EXPECT_EQ(has({none}), 0);
  EXPECT_EQ(has({}), 0);
  EXPECT_EQ(has({RuntimeValue{}}), 0);
  EXPECT_EQ(has({ints({}, {1})}), 1);
  EXPECT_EQ(run(ContainerKind::kContent, {full}).value().elements.size(), 1u);
  EXPECT_EQ(run(ContainerKind::kContent, {ints({2}, {1, 2})}).value().dims, (ConcreteDims{2}));
  EXPECT_EQ(error(ContainerKind::kContent, {none}), "input 0 must be an optional with content, has none");
}

TEST_F(Containers, RowsBecomeMaps) {
  const RuntimeValue scores = floats({2, 3}, {1, 2, 3, 4, 5, 6});
  const std::vector<Attribute> names = {{"classlabels_strings", std::vector<std::string>{"a", "b", "c"}}};
  const RuntimeValue maps = run(ContainerKind::kRowsToMaps, {scores}, names).value();
  ASSERT_EQ(maps.elements.size(), 2u);
  EXPECT_EQ(words_of(maps.elements[1].elements[0]), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(elements_of<float>(maps.elements[1].elements[1]), (std::vector<float>{4, 5, 6}));
  const std::vector<Attribute> numbers = {{"classlabels_int64s", std::vector<int64_t>{7, 8}}};
  const RuntimeValue one = run(ContainerKind::kRowsToMaps, {floats({2}, {1, 2})}, numbers).value();
  ASSERT_EQ(one.elements.size(), 1u);
  EXPECT_EQ(elements_of<int64_t>(one.elements[0].elements[0]), (std::vector<int64_t>{7, 8}));
  EXPECT_NE(error(ContainerKind::kRowsToMaps, {scores}, numbers).find("there are 2 labels, is float32[2,3]"),
            std::string::npos);
  EXPECT_NE(error(ContainerKind::kRowsToMaps, {scores}).find("classlabels_strings"), std::string::npos);
}

TEST_F(Containers, AMapBecomesARowOfItsVocabulary) {
  const RuntimeValue grades = map(words({2}, {"a", "c"}), floats({2}, {4, 8}));
  const std::vector<Attribute> letters = {{"string_vocabulary", std::vector<std::string>{"a", "c", "b", "z"}}};
  const RuntimeValue row = run(ContainerKind::kMapToRow, {grades}, letters).value();
  EXPECT_EQ(row.dims, (ConcreteDims{1, 4}));
  EXPECT_EQ(elements_of<float>(row), (std::vector<float>{4, 8, 0, 0}));
  const std::vector<Attribute> numbers = {{"int64_vocabulary", std::vector<int64_t>{5, 6}}};
  const RuntimeValue texts = map(ints({1}, {6}), words({1}, {"six"}));
  EXPECT_EQ(words_of(run(ContainerKind::kMapToRow, {texts}, numbers).value()),
            (std::vector<std::string>{"", "six"}));
  EXPECT_NE(error(ContainerKind::kMapToRow, {grades}, numbers).find("are string, the vocabulary is of another"),
            std::string::npos);
  // Values as a file gives them, one tensor each; and no values at all.
  const RuntimeValue loose = map(words({2}, {"z", "b"}), sequence({floats({1}, {1}), floats({1}, {2})}));
  EXPECT_EQ(elements_of<float>(run(ContainerKind::kMapToRow, {loose}, letters).value()),
            (std::vector<float>{0, 0, 2, 1}));
  const RuntimeValue empty = map(words({0}, {}), sequence({}));
  EXPECT_EQ(
      elements_of<float>(
          run(ContainerKind::kMapToRow, {empty}, letters, ValueType::tensor(ElementType::kFloat32)).value()),
      (std::vector<float>(4, 0.0f)));
  EXPECT_NE(error(ContainerKind::kMapToRow, {grades}, letters, ValueType::tensor(ElementType::kInt64))
                .find("must be int64, are float32"),
            std::string::npos);
}

TEST_F(Containers, AMapBecomesNumbersInTheOrderOfItsKeys) {
  const RuntimeValue shares = map(ints({3}, {4, 0, 2}), floats({3}, {4.5f, -0.5f, 2.5f}));
  EXPECT_EQ(elements_of<float>(run(ContainerKind::kMapToNumbers, {shares}).value()),
            (std::vector<float>{-0.5f, 2.5f, 4.5f}));
  const std::vector<Attribute> sparse = {{"map_form", std::string("SPARSE")}, {"max_map", int64_t{6}}};
  EXPECT_EQ(elements_of<float>(run(ContainerKind::kMapToNumbers, {shares}, sparse).value()),
            (std::vector<float>{-0.5f, 0, 2.5f, 0, 4.5f, 0}));
  const std::vector<Attribute> whole = {{"cast_to", std::string("TO_INT64")}};
  EXPECT_EQ(elements_of<int64_t>(run(ContainerKind::kMapToNumbers, {shares}, whole).value()),
            (std::vector<int64_t>{0, 2, 4}));
  const std::vector<Attribute> text = {{"cast_to", std::string("TO_STRING")}};
  EXPECT_EQ(words_of(run(ContainerKind::kMapToNumbers, {shares}, text).value()),
            (std::vector<std::string>{"-0.5", "2.5", "4.5"}));
  const RuntimeValue texts = map(ints({2}, {1, 0}), words({2}, {"1e3", " +2.25"}));
  EXPECT_EQ(elements_of<float>(run(ContainerKind::kMapToNumbers, {texts}).value()),
            (std::vector<float>{2.25f, 1000.0f}));
  EXPECT_EQ(error(ContainerKind::kMapToNumbers, {map(ints({1}, {0}), words({1}, {"one"}))}),
            "the value \"one\" is no number");
  EXPECT_EQ(error(ContainerKind::kMapToNumbers, {map(ints({1}, {6}), floats({1}, {1}))}, sparse),
            "keys must be in [0, 5], one is 6");
  EXPECT_NE(error(ContainerKind::kMapToNumbers, {map(ints({1}, {0}), floats({1}, {1e30f}))}, whole)
                .find("does not fit int64"),
            std::string::npos);
}

TEST_F(Containers, ConformPutsInAndTakesOutOfOptionals) {
  const SymbolTable symbols;
  ValueType optional{ValueKind::kOptional, ElementType::kUndefined, false, {}, {}};
  const RuntimeValue tensor = floats({2}, {1, 2});
  const auto as = [&](RuntimeValue value, const ValueType& type) {
    return conform(std::move(value), type, symbols, spaces_);
  };
  EXPECT_EQ(type_string(as(tensor, optional).value()), "optional(float32[2])");
  EXPECT_EQ(type_string(as(as(tensor, optional).value(), ValueType::tensor(ElementType::kFloat32)).value()),
            "float32[2]");
  EXPECT_EQ(type_string(as(RuntimeValue{}, optional).value()), "optional(none)");
  EXPECT_EQ(as(tensor, ValueType::tensor(ElementType::kFloat32, {Dim::of(3)})).status().message(),
            "must be float32[3], is float32[2]");
  EXPECT_EQ(as(sequence({}), ValueType::tensor(ElementType::kFloat32)).status().message(),
            "must be float32, is seq(0)");
  EXPECT_EQ(as(container_value(ValueKind::kOptional, {}), ValueType::tensor(ElementType::kFloat32))
                .status()
                .message(),
            "must be float32, is optional(none)");
}

}  // namespace
}  // namespace bp
