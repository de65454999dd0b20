// Shapes that keep changing: states of old ones end, their memory serves new ones.
#include "execute/idle_states.hpp"

#include "session_test_helper.hpp"

namespace bp::test {
namespace {

Buffer host(uint64_t size) { return Buffer::allocate_host(size, 64).value(); }

std::vector<Buffer> one(uint32_t space, Buffer arena) {
  std::vector<Buffer> arenas(space + 1);
  arenas[space] = std::move(arena);
  return arenas;
}

TEST(IdleStates, TheSmallestArenaThatFitsIsTaken) {
  IdleStates idle;
  EXPECT_FALSE(idle.take(0, 1));
  idle.give(one(1, host(4096)));
  idle.give(one(1, host(1024)));
  EXPECT_FALSE(idle.take(0, 1));  // another memory space
  EXPECT_FALSE(idle.take(1, 5000));
  EXPECT_EQ(idle.take(1, 1000).size_bytes(), 1024u);
  EXPECT_EQ(idle.take(1, 1000).size_bytes(), 4096u);
  EXPECT_FALSE(idle.take(1, 1000));
}

TEST(IdleStates, TheLargestArenasAreKept) {
  IdleStates idle;
  for (const uint64_t size : {100, 400, 300, 200}) idle.give(one(0, host(size)));
  EXPECT_EQ(idle.take(0, 1).size_bytes(), 300u);
  EXPECT_EQ(idle.take(0, 1).size_bytes(), 400u);
  EXPECT_FALSE(idle.take(0, 1));
}

TEST(IdleStates, SizesThatGrowGetRoomForTheNext) {
  IdleStates idle;
  EXPECT_EQ(idle.room_for(0, 1000), 1000u);
  EXPECT_EQ(idle.room_for(0, 1000), 1000u);  // another caller of the same shape
  EXPECT_EQ(idle.room_for(0, 1100), 1375u);
  EXPECT_EQ(idle.room_for(0, 900), 900u);
  EXPECT_EQ(idle.room_for(1, 1100), 1100u);  // another memory space
}

class ChangingShapes : public SessionTest {};

TEST_F(ChangingShapes, OnlySoManyStatesWaitAndEveryShapeStillRuns) {
  FakeProvider fake;
  fake.make_asynchronous();
  {
    Environment own = environment(false);
    ASSERT_TRUE(own.register_provider(FakeProvider::open_function(), "Fake").ok());
    GraphBuilder builder;
    const ValueId x = builder.input("x", ValueType::tensor(ElementType::kFloat32, {builder.symbol("N")}));
    const ValueType type = builder.graph().value(x).type;
    builder.output(builder.node("Relu", {x}, type, {}, "y"));
    const Session session = Session::create(own, model(builder)).value();
    for (int round = 0; round < 2; ++round) {
      for (int64_t size = 1; size <= 30; ++size) {
        const int64_t shuffled = size * 7 % 31;
        std::vector<float> numbers(static_cast<size_t>(shuffled), -1);
        numbers.back() = static_cast<float>(shuffled);
        const Value in = floats({shuffled}, numbers);
        std::vector<float> expected(numbers.size(), 0);
        expected.back() = numbers.back();
        EXPECT_EQ(numbers_of(session.run(std::span<const Value>(&in, 1)).value()[0]), expected);
        EXPECT_LE(fake.live_contexts, static_cast<int>(IdleStates::kWaitingShapes));
      }
    }
    EXPECT_EQ(fake.live_contexts, static_cast<int>(IdleStates::kWaitingShapes));
    EXPECT_EQ(session.report().specializations, 30u);  // what a shape was compiled to is kept
  }
  EXPECT_EQ(fake.live_contexts + fake.live_buffers, 0);
}

// As a decoder does, which starts at the first length again with each text.
TEST_F(ChangingShapes, ManyShapesOfASmallModelStaySettled) {
  FakeProvider fake;
  Environment own = environment(false);
  ASSERT_TRUE(own.register_provider(FakeProvider::open_function(), "Fake").ok());
  GraphBuilder builder;
  const ValueId x = builder.input("x", ValueType::tensor(ElementType::kFloat32, {builder.symbol("N")}));
  const ValueType type = builder.graph().value(x).type;
  builder.output(builder.node("Relu", {x}, type, {}, "y"));
  const Session session = Session::create(own, model(builder)).value();
  for (int round = 0; round < 2; ++round) {
    for (int64_t size = 1; size <= 300; ++size) {
      const Value in = floats({size}, std::vector<float>(static_cast<size_t>(size), 1));
      ASSERT_TRUE(session.run(std::span<const Value>(&in, 1)).ok());
    }
  }
  EXPECT_EQ(session.report().specializations, 300u);
}

}  // namespace
}  // namespace bp::test
