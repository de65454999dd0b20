#include "provider/options.hpp"

#include <gtest/gtest.h>

namespace bp::test {
namespace {

std::vector<OptionInfo> known() {
  std::vector<OptionInfo> infos(5);
  infos[0].kind = OptionKind::kBool;
  infos[0].name = "fast_math";
  infos[1].kind = OptionKind::kInt;
  infos[1].name = "threads";
  infos[1].int_min = 1;
  infos[1].int_max = 64;
  infos[2].kind = OptionKind::kDouble;
  infos[2].name = "fraction";
  infos[2].double_max = 1;
  infos[3].kind = OptionKind::kChoice;
  infos[3].name = "mode";
  infos[3].choices = {"slow", "quick"};
  infos[4].kind = OptionKind::kString;
  infos[4].name = "cache";
  return infos;
}

Result<OptionSet> check(std::vector<NamedOption> values) {
  return OptionSet::create(known(), values, "provider 'x'");
}

TEST(OptionSet, TakesValuesAndTextsOfThem) {
  auto set = check({{"fast_math", std::string("on")},
                    {"threads", std::string("8")},
                    {"fraction", int64_t{1}},
                    {"mode", std::string("quick")},
                    {"cache", std::string("")}});
  ASSERT_TRUE(set.ok()) << set.status().to_string();
  const bp_array abi = set->abi();
  ASSERT_EQ(abi.count, 5U);
  EXPECT_EQ(BP_AT(bp_option, abi, 0)->int_value, 1);
  EXPECT_EQ(BP_AT(bp_option, abi, 1)->int_value, 8);
  EXPECT_EQ(BP_AT(bp_option, abi, 1)->kind, BP_OPTION_INT);
  EXPECT_EQ(BP_AT(bp_option, abi, 2)->double_value, 1.0);
  EXPECT_EQ(std::string(BP_AT(bp_option, abi, 3)->string_value.data, 5), "quick");
}

TEST(OptionSet, LaterValuesWin) {
  auto set = check({{"threads", int64_t{2}}, {"threads", int64_t{4}}});
  ASSERT_TRUE(set.ok());
  ASSERT_EQ(set->abi().count, 1U);
  EXPECT_EQ(BP_AT(bp_option, set->abi(), 0)->int_value, 4);
}

TEST(OptionSet, NamesTheNearestOption) {
  const Status status = check({{"treads", int64_t{2}}}).status();
  EXPECT_EQ(status.code(), ErrorCode::kNotFound);
  EXPECT_EQ(status.message(), "provider 'x' has no option 'treads'; did you mean 'threads'?");
  EXPECT_NE(check({{"zzzzzzzz", int64_t{2}}}).status().message().find("it has fast_math"), std::string::npos);
}

TEST(OptionSet, RefusesWrongTypesAndRanges) {
  for (const NamedOption& wrong : std::vector<NamedOption>{{"threads", int64_t{0}},
                                                           {"threads", std::string("8x")},
                                                           {"threads", 1.5},
                                                           {"fast_math", std::string("maybe")},
                                                           {"fast_math", int64_t{2}},
                                                           {"fraction", 1.5},
                                                           {"fraction", std::string("nan")},
                                                           {"mode", std::string("fast")},
                                                           {"cache", true}}) {
    SCOPED_TRACE(wrong.name);
    const Status status = check({wrong}).status();
    EXPECT_EQ(status.code(), ErrorCode::kInvalidArgument);
    EXPECT_NE(status.message().find("'" + wrong.name + "' of provider 'x' must be"), std::string::npos);
  }
}

TEST(OptionSet, CopiesShareTheirValues) {
  OptionSet copy;
  {
    auto set = check({{"cache", std::string("a long text that does not fit into the string itself")}});
    ASSERT_TRUE(set.ok());
    copy = *set;
  }
  EXPECT_EQ(BP_AT(bp_option, copy.abi(), 0)->string_value.size, 52U);
  EXPECT_EQ(OptionSet().abi().count, 0U);
}

}  // namespace
}  // namespace bp::test
