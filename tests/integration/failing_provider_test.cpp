// A provider that returns an error at each of its entry points in turn: the error is told with its text,
// nothing is lost, and the next session in the same process works.
#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "backplane/backplane.hpp"
#include "onnx_bytes_helper.hpp"
#include "support/paths.hpp"

namespace bp::test {
namespace {

// Where the error has to be told.
enum class Told {
  kOutcome,  // the provider cannot be used: its outcome, and the session's error
  kCreate,   // no session
  kRun,      // a session, and no result
  kNowhere,  // the entry is not needed for a run: the result is right all the same
};

struct Case {
  const char* entry;
  Told told;
};

void PrintTo(const Case& item, std::ostream* stream) { *stream << item.entry; }

class FailingProvider : public testing::TestWithParam<Case> {
 protected:
  void TearDown() override { ::unsetenv("BACKPLANE_TEST_FAIL_AT"); }

  static Environment environment() {
    EnvironmentOptions options;
    options.search_standard_places = false;
    options.plugin_directories = {(binary_dir() / "tests/provider_api/failing_provider/plugins").string()};
    auto result = Environment::create(options);
    EXPECT_TRUE(result.ok()) << result.status().message();
    return std::move(*result);
  }

  // Creates a session and runs it twice. The first error, with the phase in which it came.
  std::pair<Told, Status> try_all(const Environment& environment) const {
    const auto model = Model::load(bytes_);
    EXPECT_TRUE(model.ok());
    SessionOptions options;
    options.providers = {"org.backplane.failing"};
    const auto session = Session::create(environment, *model, options);
    if (!session.ok()) return {Told::kCreate, session.status()};
    for (const int64_t rows : {2, 3}) {
      const std::vector<float> data(static_cast<size_t>(rows) * 4, 1.5f);
      const auto input = Value::copy_of<float>({rows, 4}, data);
      const auto results = session->run(std::span<const Value>(&*input, 1));
      if (!results.ok()) return {Told::kRun, results.status()};
      const auto elements = results->at(0).as<float>();
      EXPECT_TRUE(elements.ok());
      for (const float element : *elements) EXPECT_EQ(element, -1.5f);
    }
    return {Told::kNowhere, Status()};
  }

  std::vector<std::byte> bytes_ = onnx_model({{"Neg", {"x"}, {"y"}}}, {"x"}, {"y"});
};

TEST_P(FailingProvider, TellsWhatFailedAndLosesNothing) {
  ::setenv("BACKPLANE_TEST_FAIL_AT", GetParam().entry, 1);
  {
    const Environment failing = environment();
    const auto [told, status] = try_all(failing);
    const std::string expected = std::string("failing at ") + GetParam().entry;
    if (GetParam().told == Told::kNowhere) {
      EXPECT_TRUE(status.ok()) << status.message();
    } else {
      EXPECT_EQ(told == Told::kRun, GetParam().told == Told::kRun) << status.message();
      EXPECT_NE(status.message().find(expected), std::string::npos) << status.message();
    }
    if (GetParam().told == Told::kOutcome) {
      EXPECT_EQ(failing.outcomes().at(0).state, "rejected");
      EXPECT_NE(failing.outcomes().at(0).text.find(expected), std::string::npos);
    }
  }
  ::unsetenv("BACKPLANE_TEST_FAIL_AT");
  const auto [told, status] = try_all(environment());
  EXPECT_EQ(told, Told::kNowhere) << status.message();
}

INSTANTIATE_TEST_SUITE_P(EntryPoints, FailingProvider,
                         testing::Values(Case{"open", Told::kOutcome}, Case{"list", Told::kOutcome},
                                         Case{"info", Told::kOutcome}, Case{"query", Told::kCreate},
                                         Case{"query_partition", Told::kCreate}, Case{"compile", Told::kCreate},
                                         Case{"specialize", Told::kRun}, Case{"create_context", Told::kRun},
                                         Case{"create_stream", Told::kRun}, Case{"allocate", Told::kRun},
                                         Case{"copy", Told::kRun}, Case{"bind", Told::kRun},
                                         Case{"run", Told::kRun}, Case{"record", Told::kRun},
                                         Case{"wait", Told::kRun}, Case{"wait_event", Told::kNowhere},
                                         Case{"poll", Told::kNowhere}, Case{"describe", Told::kNowhere},
                                         Case{"save", Told::kNowhere}, Case{"check_artifact", Told::kNowhere},
                                         Case{"load", Told::kNowhere}),
                         [](const auto& one) { return std::string(one.param.entry); });

}  // namespace
}  // namespace bp::test
