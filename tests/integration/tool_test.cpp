// The tool's answers about models, providers and saved programs.
#include "tool_helper.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "onnx_bytes_helper.hpp"
#include "support/paths.hpp"

namespace bp::test {
namespace {

namespace fs = std::filesystem;

bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

class Tool : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(cli_path())) GTEST_SKIP() << "the tool is not built";
    folder_ = fs::path(testing::TempDir()) / ("tool_" + std::to_string(::getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override {
    if (!folder_.empty()) fs::remove_all(folder_);
  }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string write(const std::string& name, const std::vector<std::byte>& bytes) const {
    std::ofstream file(path(name), std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return path(name);
  }
  // `arguments` with providers from these folders only.
  static ToolRun with_plugins(std::vector<std::string> arguments, const std::vector<fs::path>& folders) {
    arguments.emplace_back("--only-plugin-dirs");
    for (const fs::path& folder : folders) {
      arguments.emplace_back("--plugin-dir");
      arguments.push_back(folder.string());
    }
    return run_tool(arguments);
  }

  static bool has_cpu() { return fs::exists(plugin_dir() / "libbp_cpu.so"); }
  static fs::path minimal_dir() { return binary_dir() / "examples/provider_minimal/plugins"; }
  static std::string digits() { return (source_dir() / "examples/digits/model.onnx").string(); }

  fs::path folder_;
};

// ---- which provider takes what

class ToolOnResnet : public Tool {
 protected:
  void SetUp() override {
    Tool::SetUp();
    if (!fs::exists(minimal_dir())) GTEST_SKIP() << "the examples are not built";
    const auto corpus = onnx_corpus();
    if (!corpus || !fs::exists(*corpus / "light/light_resnet50.onnx"))
      GTEST_SKIP() << "light_resnet50 is not in the corpus";
    model_ = (*corpus / "light/light_resnet50.onnx").string();
  }
  std::string model_;
};

TEST_F(ToolOnResnet, EveryNodeThatAProviderRefusedHasItsReason) {
  if (!has_cpu()) GTEST_SKIP() << "the CPU provider is not built";
  const ToolRun run = with_plugins({"explain", "--json", model_, "--provider", "org.backplane.minimal",
                                    "--provider", "backplane.cpu", "--opt", "none"},
                                   {minimal_dir(), plugin_dir()});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  size_t taken = 0;
  size_t refused = 0;
  const auto report = nlohmann::json::parse(run.out);
  for (const auto& node : report.at("nodes")) {
    for (const auto& verdict : node.at("verdicts")) {
      if (verdict.at("device") != "Minimal:0") continue;
      if (verdict.at("supported")) {
        ++taken;
        continue;
      }
      ++refused;
      EXPECT_FALSE(verdict.at("reasons").empty()) << node;
      for (const auto& reason : verdict.at("reasons")) {
        EXPECT_FALSE(reason.at("code").get<std::string>().empty()) << node;
        EXPECT_TRUE(says(reason.at("text"), node.at("op_type"))) << node;
      }
    }
  }
  EXPECT_EQ(taken, 49u);     // one Relu behind each convolution and each sum but for the shortcuts
  EXPECT_GT(refused, 120u);  // 53 convolutions and their normalizations, 16 sums, pools, the end
}

TEST_F(ToolOnResnet, WithoutTheCpuProviderTheNodesThatNobodyTakesAreNamed) {
  const ToolRun run = with_plugins({"run", model_, "--random", "--opt", "none"}, {minimal_dir()});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(run.out, "");
  EXPECT_TRUE(says(run.err, "no device takes")) << run.err;
  EXPECT_TRUE(says(run.err, "asked: Minimal:0")) << run.err;
  EXPECT_TRUE(says(run.err, "Conv 'n0'")) << run.err;
  EXPECT_TRUE(says(run.err, "only Relu of the ONNX domain is known here, this is Conv")) << run.err;
}

TEST_F(Tool, WithoutAProviderTheNodeAndWhatWasLookedForAreNamed) {
  for (const char* op : {"Relu", "Neg", "Abs", "Exp", "Tanh"}) {
    const std::string model = write("one.onnx", onnx_model({{op, {"x"}, {"y"}}}, {"x"}, {"y"}));
    const ToolRun run = with_plugins({"run", model, "--random", "--dim", "N=2"}, {folder_});
    EXPECT_EQ(run.exit_code, 2) << op;
    EXPECT_TRUE(says(run.err, std::string(op) + " 'y_node' (float32[2,4])")) << run.err;
    EXPECT_TRUE(says(run.err, "no provider is present to run 1 node (looked for: no manifest")) << run.err;
  }
}

// ---- compile

class ToolCompile : public Tool {
 protected:
  void SetUp() override {
    Tool::SetUp();
    if (!has_cpu()) GTEST_SKIP() << "the CPU provider is not built";
  }
  // The outputs of the digits model for one random image, as the bytes of a .npy file.
  std::string outputs(const std::string& name, const std::vector<std::string>& flags) const {
    std::vector<std::string> arguments = {"run",   digits(),  "--random",     "--seed",  "7",
                                          "--dim", "batch=2", "--output-dir", path(name)};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    const ToolRun run = with_plugins(arguments, {plugin_dir()});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return read(folder_ / name / "output_0.npy");
  }
  static std::string read(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  ToolRun compile() const {
    return with_plugins({"compile", digits(), "--dim", "batch=2", "-o", path("saved"), "--json"},
                        {plugin_dir()});
  }
};

TEST_F(ToolCompile, WritesProgramsThatGiveTheSameOutputs) {
  const ToolRun made = compile();
  ASSERT_EQ(made.exit_code, 0) << made.err;
  const auto programs = nlohmann::json::parse(made.out).at("programs");
  ASSERT_EQ(programs.size(), 1u);
  EXPECT_EQ(programs[0].at("provider"), "backplane.cpu");
  EXPECT_GT(programs[0].at("weight_bytes").get<uint64_t>(), 0u);

  const std::string without = outputs("without", {});
  EXPECT_GT(without.size(), 2 * 10 * sizeof(float));
  EXPECT_EQ(outputs("with", {"--programs", path("saved")}), without);
  // The programs were taken, not compiled anew.
  const ToolRun explained = with_plugins(
      {"explain", "--json", digits(), "--dim", "batch=2", "--programs", path("saved")}, {plugin_dir()});
  ASSERT_EQ(explained.exit_code, 0) << explained.err;
  EXPECT_EQ(nlohmann::json::parse(explained.out).at("partitions")[0].at("note"), "loaded from saved programs");
}

TEST_F(ToolCompile, RefusesAFileThatWasDamaged) {
  ASSERT_EQ(compile().exit_code, 0);
  const std::string whole = read(path("saved"));
  const auto load = [&](const std::string& content) {
    std::ofstream(path("saved"), std::ios::binary | std::ios::trunc) << content;
    return with_plugins({"run", digits(), "--random", "--dim", "batch=2", "--programs", path("saved")},
                        {plugin_dir()});
  };
  for (const std::string& damaged : {whole.substr(0, whole.size() / 2), std::string("no programs")}) {
    const ToolRun run = load(damaged);
    EXPECT_EQ(run.exit_code, 2) << damaged.size();
    EXPECT_TRUE(says(run.err, path("saved"))) << run.err;
  }
  // Between weights lie bytes that nobody reads; most bytes are read.
  int refused = 0;
  for (size_t eighth = 0; eighth < 8; ++eighth) {
    std::string flipped = whole;
    char& byte = flipped[whole.size() * (2 * eighth + 1) / 16];
    byte = static_cast<char>(byte ^ 1);
    const ToolRun run = load(flipped);
    if (run.exit_code == 0) continue;
    ++refused;
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_TRUE(says(run.err, path("saved"))) << run.err;
  }
  EXPECT_GE(refused, 5);
  EXPECT_EQ(load(whole).exit_code, 0);
}

TEST_F(ToolCompile, TellsThatTheFileCannotBeWritten) {
  const ToolRun run = with_plugins({"compile", digits(), "-o", path("no/such/folder")}, {plugin_dir()});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_TRUE(says(run.err, "no/such/folder")) << run.err;
}

// ---- inspect

TEST_F(Tool, InspectShowsTheGraphAndItsAttributes) {
  const ToolRun text = run_tool({"inspect", digits()});
  ASSERT_EQ(text.exit_code, 0) << text.err;
  EXPECT_TRUE(says(text.out, "opset ai.onnx 13, by pytorch")) << text.out;
  EXPECT_TRUE(says(text.out, "input  image: float32[batch,1,8,8]"));
  EXPECT_TRUE(says(text.out, "output probabilities: float32[batch,10]"));
  EXPECT_TRUE(says(text.out,
                   "Gemm '/12/Gemm': /10/Flatten_output_0, 12.weight, 12.bias -> /12/Gemm_output_0\n"
                   "    alpha = 1.000000\n"));
  EXPECT_FALSE(says(text.out, "unused"));

  const ToolRun json = run_tool({"inspect", "--json", digits()});
  const auto parsed = nlohmann::json::parse(json.out);
  ASSERT_EQ(parsed.at("nodes").size(), 10u);
  EXPECT_EQ(parsed.at("nodes")[0].at("attributes").at("kernel_shape"), "[3, 3]");
  EXPECT_EQ(parsed.at("initializer_bytes"), 76712);
}

TEST_F(Tool, InspectNamesUnusedInitializers) {
  const std::string model =
      write("unused.onnx", onnx_model({{"Add", {"x", "w"}, {"y"}}}, {"x"}, {"y"}, {"w", "forgotten"}));
  EXPECT_TRUE(says(run_tool({"inspect", model}).out, "unused initializers: forgotten\n"));
  EXPECT_EQ(nlohmann::json::parse(run_tool({"inspect", "--json", model}).out).at("unused_initializers"),
            nlohmann::json::array({"forgotten"}));
}

TEST_F(ToolCompile, InspectListsSavedPrograms) {
  ASSERT_EQ(compile().exit_code, 0);
  const ToolRun text = run_tool({"inspect", path("saved")});
  ASSERT_EQ(text.exit_code, 0) << text.err;
  EXPECT_TRUE(says(text.out, "program 0: backplane.cpu ")) << text.out;
  EXPECT_TRUE(says(text.out, "1 saved program, ")) << text.out;
  const auto json = nlohmann::json::parse(run_tool({"inspect", "--json", path("saved")}).out);
  EXPECT_EQ(json.at("programs")[0].at("provider"), "backplane.cpu");
}

TEST_F(Tool, InspectTellsWhatIsNoModel) {
  std::ofstream(path("text.onnx")) << "this is no model";
  const ToolRun run = run_tool({"inspect", path("text.onnx")});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(run.out, "");
  EXPECT_FALSE(run.err.empty());
  EXPECT_EQ(run_tool({"inspect", path("absent.onnx")}).exit_code, 2);
}

}  // namespace
}  // namespace bp::test
