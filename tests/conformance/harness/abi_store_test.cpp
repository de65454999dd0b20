#include "harness/abi_store.hpp"

#include <backplane/provider/graph.h>
#include <gtest/gtest.h>

namespace bp::conformance {
namespace {

TEST(AbiStore, LaysArraysOutAsANewerHostWould) {
  AbiStore store({24, 16, 0xA5});
  bp_attribute first{};
  first.kind = 2;
  bp_attribute second{};
  second.kind = 7;
  const bp_array array =
      store.structs(std::vector<bp_attribute>{first, second}, BP_STRUCT_SIZE(bp_attribute, list));
  EXPECT_EQ(array.stride, sizeof(bp_attribute) + 24);
  EXPECT_EQ(BP_AT(bp_attribute, array, 1)->kind, 7u);
  EXPECT_EQ(BP_AT(bp_attribute, array, 1)->struct_size, BP_STRUCT_SIZE(bp_attribute, list) + 16);
  const auto* bytes = static_cast<const unsigned char*>(array.data);
  EXPECT_EQ(bytes[BP_STRUCT_SIZE(bp_attribute, list)], 0xA5);
}

TEST(AbiStore, AWriteChangesItsFingerprint) {
  AbiStore store;
  const bp_array array = store.array(std::vector<uint32_t>{1, 2, 3});
  const uint64_t before = store.fingerprint();
  EXPECT_EQ(store.fingerprint(), before);
  *const_cast<uint32_t*>(BP_AT(uint32_t, array, 2)) = 4;
  EXPECT_NE(store.fingerprint(), before);
}

TEST(AbiStore, ScribblesOverEverything) {
  AbiStore store;
  const bp_array array = store.array(std::vector<uint32_t>{1, 2, 3});
  store.scribble();
  EXPECT_EQ(*BP_AT(uint32_t, array, 0), 0xDDDDDDDDu);
}

TEST(CanaryStruct, TellsWritesBehindStructSizeAndIntoIt) {
  CanaryStruct<bp_tensor> tensor(BP_STRUCT_SIZE(bp_tensor, string_size_bytes));
  EXPECT_EQ(tensor->element_type, 0u);
  EXPECT_EQ(tensor.damage(), "");
  reinterpret_cast<unsigned char*>(tensor.get())[sizeof(bp_tensor)] = 1;
  EXPECT_NE(tensor.damage(), "");
  CanaryStruct<bp_tensor> other(8);
  other->struct_size = 16;
  EXPECT_NE(other.damage(), "");
}

}  // namespace
}  // namespace bp::conformance
