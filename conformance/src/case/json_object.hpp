// Reads the fields of a JSON object one by one and remembers which were read, so that a missing, a wrong and an
// unknown field are errors that name the field. Throws std::invalid_argument.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>

namespace bp::conformance {

class JsonObject {
 public:
  // `place` is for messages: "case", "run.corpora".
  JsonObject(const nlohmann::json& from, std::string_view place);

  bool has(std::string_view name) const;
  std::string text(std::string_view name);
  uint64_t count(std::string_view name);
  uint64_t count_text(std::string_view name);  // an unsigned number written as a string
  int64_t integer(std::string_view name);
  double number(std::string_view name);  // "nan", "inf" and "-inf" too
  bool flag(std::string_view name);
  const nlohmann::json& list(std::string_view name);
  const nlohmann::json& object(std::string_view name);
  // Refuses the fields that nobody asked for.
  void end() const;

 private:
  const nlohmann::json& field(std::string_view name);
  [[noreturn]] void wrong(std::string_view name, std::string_view expected) const;

  const nlohmann::json& json_;
  std::string place_;
  std::set<std::string, std::less<>> read_;
};

nlohmann::json number_to_json(double number);

}  // namespace bp::conformance
