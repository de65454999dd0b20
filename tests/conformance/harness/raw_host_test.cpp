#include "harness/raw_host.hpp"

#include <gtest/gtest.h>

#include "groups/group.hpp"

namespace bp::conformance {
namespace {

TEST(RawHost, TakesEachStatusOnce) {
  RawHost host;
  const bp_host* table = host.table();
  const bp_status status = table->status_create(table, BP_STATUS_IO, to_abi("gone"), 7);
  EXPECT_EQ(host.live_statuses(), 1u);
  EXPECT_EQ(table->status_provider_code(table, status), 7);
  EXPECT_EQ(host.take(status).to_string(), "IO 'gone'");
  EXPECT_EQ(host.live_statuses(), 0u);
  host.expect_no_breach();
  host.take(status);
  EXPECT_THROW(host.expect_no_breach(), CaseEnd);
}

TEST(RawHost, NotesWhatIsNoStatusAndNoCode) {
  RawHost host;
  int somebody_elses = 0;
  EXPECT_EQ(host.take(reinterpret_cast<bp_status>(&somebody_elses)).code, BP_STATUS_INTERNAL);
  host.take(host.table()->status_create(host.table(), 99, to_abi("x"), 0));
  EXPECT_EQ(host.breaches().size(), 2u);
}

TEST(RawHost, CountsConstantsAndMovesThem) {
  RawHost host;
  RawConstants constants;
  constants.add(17, BP_TYPE_UINT8, {3}, "abc");
  bp_tensor tensor{};
  tensor.struct_size = BP_STRUCT_SIZE(bp_tensor, string_size_bytes);
  EXPECT_EQ(host.table()->constants_acquire(host.table(), constants.handle(), 17, &tensor), nullptr);
  EXPECT_EQ(std::string(static_cast<const char*>(tensor.data), tensor.size_bytes), "abc");
  EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor.data) % 2, 1u);
  EXPECT_EQ(constants.outstanding(), 1u);
  host.table()->constants_release(host.table(), constants.handle(), 17);
  EXPECT_EQ(constants.outstanding(), 0u);
  host.expect_no_breach();
  host.table()->constants_release(host.table(), constants.handle(), 17);
  EXPECT_THROW(host.expect_no_breach(), CaseEnd);
}

TEST(RawHost, ConstantsCanFailFromACallOn) {
  RawHost host;
  RawConstants constants;
  constants.add(1, BP_TYPE_UINT8, {1}, "a");
  bp_tensor tensor{};
  tensor.struct_size = BP_STRUCT_SIZE(bp_tensor, string_size_bytes);
  host.failing_acquire = 2;
  EXPECT_TRUE(host.take(host.table()->constants_acquire(host.table(), constants.handle(), 1, &tensor)).ok());
  EXPECT_EQ(host.take(host.table()->constants_acquire(host.table(), constants.handle(), 1, &tensor)).code,
            BP_STATUS_IO);
  host.table()->constants_release(host.table(), constants.handle(), 1);
}

TEST(RawHost, ItsLoopDoesEveryIndexOnce) {
  RawHost host;
  std::vector<std::atomic<int>> done(1000);
  const auto body = [](void* user, uint64_t begin, uint64_t end) -> bp_status {
    auto& all = *static_cast<std::vector<std::atomic<int>>*>(user);
    for (uint64_t i = begin; i < end; ++i) ++all[i];
    return nullptr;
  };
  EXPECT_EQ(host.table()->parallel_for(host.table(), done.size(), 7, body, &done), nullptr);
  for (const std::atomic<int>& one : done) EXPECT_EQ(one, 1);
  EXPECT_EQ(host.host_loops(), 1u);
}

}  // namespace
}  // namespace bp::conformance
