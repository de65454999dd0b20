// Runs the digits model over the pictures of its test split and counts the right answers.
// usage: digits_accuracy FOLDER [PLUGIN-FOLDER...]     FOLDER: this one
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "backplane/backplane.hpp"

namespace {

std::vector<int64_t> read_classes(const std::string& path) {
  std::ifstream file(path);
  return {std::istream_iterator<int64_t>(file), std::istream_iterator<int64_t>()};
}

// Every call returns a Result; value() throws when it holds an error.
void count_right_answers(const std::string& folder, const bp::EnvironmentOptions& options) {
  const bp::Environment environment = bp::Environment::create(options).value();
  const bp::Session session = bp::Session::create(environment, folder + "/model.onnx").value();

  // pictures: [360, 1, 8, 8] in 0..1; the batch is a dynamic dim of the model.
  const bp::Value pictures =
      bp::read_value_file(folder + "/test_data_set_0/input_0.pb", session.inputs().at(0)).value();
  const std::vector<bp::Value> results = session.run(std::span(&pictures, 1)).value();

  // probabilities: [360, 10]
  const bp::Value& result = results.at(0);
  const std::span<const float> probabilities = result.as<float>().value();
  const auto class_count = static_cast<size_t>(result.dims().at(1));
  const std::vector<int64_t> classes = read_classes(folder + "/test_labels.txt");
  if (classes.empty() || classes.size() * class_count != probabilities.size())
    throw bp::Error({bp::ErrorCode::kInvalidArgument, folder + "/test_labels.txt has " +
                                                          std::to_string(classes.size()) +
                                                          " classes, the result is " + result.type_string()});

  size_t right = 0;
  for (size_t i = 0; i < classes.size(); ++i) {
    const auto row = probabilities.subspan(i * class_count, class_count);
    right += std::max_element(row.begin(), row.end()) - row.begin() == classes[i];
  }
  std::printf("right: %zu of %zu pictures (%.2f %%)\n", right, classes.size(),
              100.0 * static_cast<double>(right) / static_cast<double>(classes.size()));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: digits_accuracy FOLDER [PLUGIN-FOLDER...]\n");
    return 2;
  }
  bp::EnvironmentOptions options;
  options.plugin_directories.assign(argv + 2, argv + argc);
  try {
    count_right_answers(argv[1], options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "digits_accuracy: %s\n", error.what());
    return 1;
  }
  return 0;
}
