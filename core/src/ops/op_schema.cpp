// Looks signatures up in the generated table and splits a row's columns into parameters and attributes.
#include "ops/op_schema.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "ops/operator_list.hpp"

namespace bp {
namespace {

constexpr const char* kMl = "ai.onnx.ml";
constexpr const char* kTraining = "ai.onnx.preview.training";
constexpr std::string_view kMicrosoft = kMicrosoftDomain;

struct Row {
  std::string_view op_type;
  std::string_view domain;
  int32_t since_version = 0;
  bool deprecated = false;
  std::string_view inputs;
  std::string_view outputs;
  std::string_view attributes;
  std::string_view types;
};

constexpr TypeSet kTypeSets[] = {
#define BP_TYPE_SETS
#include "ops/schema_rows.inc"
#undef BP_TYPE_SETS
};

// A line per row, sorted by domain, operator and version. One text: a table of strings would need a relocation
// for each of them.
constexpr std::string_view kText =
#include "ops/schema_rows.inc"
    ;

uint32_t number(std::string_view digits) {
  uint32_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

// The text up to `mark`, cut off from the front.
std::string_view cut(std::string_view& text, char mark) {
  const size_t end = std::min(text.find(mark), text.size());
  const std::string_view front = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return front;
}

const std::vector<Row>& rows() {
  static const std::vector<Row> table = [] {
    std::vector<Row> parsed;
    parsed.reserve(static_cast<size_t>(std::count(kText.begin(), kText.end(), '\n')));
    for (std::string_view text = kText; !text.empty();) {
      std::string_view line = cut(text, '\n');
      Row& row = parsed.emplace_back();
      row.op_type = cut(line, '|');
      row.domain = cut(line, '|');
      const std::string_view version = cut(line, '|');
      row.since_version = static_cast<int32_t>(number(version));
      row.deprecated = version.ends_with('!');
      for (std::string_view* column : {&row.inputs, &row.outputs, &row.attributes, &row.types})
        *column = cut(line, '|');
    }
    return parsed;
  }();
  return table;
}

// The order of the table is that of ASCII within a domain, domains in the order in which they are listed.
int domain_rank(std::string_view domain) noexcept {
  if (domain.empty()) return 0;
  return domain == kMl ? 1 : domain == kTraining ? 2 : domain == kMicrosoft ? 3 : 4;
}

std::string_view plain(std::string_view domain) noexcept {
  return domain == "ai.onnx" ? std::string_view() : domain;
}

std::span<const Row> family(std::string_view domain, std::string_view op_type) noexcept {
  const int rank = domain_rank(plain(domain));
  const auto less = [&](const Row& row) {
    const int r = domain_rank(row.domain);
    return r != rank ? r < rank : row.op_type < op_type;
  };
  const auto first = std::partition_point(rows().begin(), rows().end(), less);
  auto last = first;
  while (last != rows().end() && last->op_type == op_type && domain_rank(last->domain) == rank) ++last;
  return {first, last};
}

const Row* find_row(std::string_view domain, std::string_view op_type, int64_t opset) noexcept {
  const Row* found = nullptr;
  for (const Row& row : family(domain, op_type)) {
    if (row.since_version <= opset) found = &row;
  }
  return found;
}

// Calls `use` for every word of a column.
template <class Use>
void for_each_word(std::string_view column, Use use) {
  while (!column.empty()) {
    const size_t end = std::min(column.find(' '), column.size());
    use(column.substr(0, end));
    column.remove_prefix(std::min(end + 1, column.size()));
  }
}

const TypeSet* type_set_of(std::string_view constraint, std::string_view types) {
  const TypeSet* found = nullptr;
  for_each_word(types, [&](std::string_view word) {
    const size_t equals = word.find('=');
    if (word.substr(0, equals) == constraint) found = &kTypeSets[number(word.substr(equals + 1))];
  });
  return found;
}

// "X:T", "B:T?", "inputs:T*1", "outputs:V~1", "shape:#6".
Parameter parse_parameter(std::string_view word, std::string_view types) {
  Parameter parameter;
  const size_t colon = word.find(':');
  parameter.name = word.substr(0, colon);
  std::string_view type = word.substr(colon + 1);
  const size_t mark = type.find_first_of("?*~");
  if (mark != std::string_view::npos) {
    parameter.option = type[mark] == '?' ? ParameterOption::kOptional : ParameterOption::kVariadic;
    parameter.homogeneous = type[mark] != '~';
    if (type[mark] != '?') parameter.min_arity = number(type.substr(mark + 1));
    type = type.substr(0, mark);
  }
  if (type.starts_with('#')) {
    parameter.types = &kTypeSets[number(type.substr(1))];
  } else {
    parameter.type_name = type;
    parameter.types = type_set_of(type, types);
  }
  return parameter;
}

std::vector<Parameter> parse_parameters(std::string_view column, std::string_view types) {
  std::vector<Parameter> parameters;
  for_each_word(column, [&](std::string_view word) { parameters.push_back(parse_parameter(word, types)); });
  return parameters;
}

const Parameter* actual(const std::vector<Parameter>& formal, size_t index) noexcept {
  if (index < formal.size()) return &formal[index];
  if (!formal.empty() && formal.back().option == ParameterOption::kVariadic) return &formal.back();
  return nullptr;
}

bool has_bit(uint32_t mask, ElementType type) noexcept {
  return type == ElementType::kUndefined || ((mask >> static_cast<uint32_t>(type)) & 1u) != 0;
}

// Bit of a map's pair of kinds, in the generator's order.
uint32_t map_bit(ElementType key, ElementType value) noexcept {
  constexpr std::array<std::pair<ElementType, ElementType>, 6> kPairs{
      {{ElementType::kInt64, ElementType::kString},
       {ElementType::kInt64, ElementType::kFloat32},
       {ElementType::kInt64, ElementType::kFloat64},
       {ElementType::kString, ElementType::kInt64},
       {ElementType::kString, ElementType::kFloat32},
       {ElementType::kString, ElementType::kFloat64}}};
  for (uint32_t i = 0; i < kPairs.size(); ++i) {
    if (kPairs[i].first == key && kPairs[i].second == value) return 1u << i;
  }
  return 0;
}

bool accepts_map(uint32_t mask, const ValueType& type) noexcept {
  if (!type.contained) return mask != 0;
  return (mask & map_bit(type.element, type.contained->element)) != 0;
}

}  // namespace

bool TypeSet::accepts(const ValueType& type) const noexcept {
  const ValueType* inner = type.contained.get();
  switch (type.kind) {
    case ValueKind::kUnknown:
      return true;
    case ValueKind::kTensor:
    case ValueKind::kSparseTensor:
      return tensor != 0 && has_bit(tensor, type.element);
    case ValueKind::kMap:
      return accepts_map(map, type);
    case ValueKind::kSequence:
      if (inner == nullptr || inner->kind == ValueKind::kUnknown) return (sequence | sequence_of_map) != 0;
      if (inner->kind == ValueKind::kMap) return accepts_map(sequence_of_map, *inner);
      return sequence != 0 && has_bit(sequence, inner->element);
    case ValueKind::kOptional:
      if (inner == nullptr || inner->kind == ValueKind::kUnknown)
        return (optional_tensor | optional_sequence) != 0;
      if (inner->kind == ValueKind::kSequence) {
        return optional_sequence != 0 &&
               (!inner->contained || has_bit(optional_sequence, inner->contained->element));
      }
      return optional_tensor != 0 && has_bit(optional_tensor, inner->element);
  }
  return false;
}

std::string TypeSet::to_string() const {
  std::vector<std::string_view> names;
  for (uint32_t bit = 0; bit < 32; ++bit)
    if ((tensor >> bit & 1u) != 0) names.push_back(element_type_name(static_cast<ElementType>(bit)));
  if ((sequence | sequence_of_map) != 0) names.emplace_back("a sequence");
  if ((optional_tensor | optional_sequence) != 0) names.emplace_back("an optional");
  if (map != 0) names.emplace_back("a map");
  std::string text;
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 < names.size() ? ", " : " or ";
    text += names[i];
  }
  return text;
}

const Parameter* OpSchema::input(size_t index) const noexcept { return actual(inputs, index); }
const Parameter* OpSchema::output(size_t index) const noexcept { return actual(outputs, index); }

const AttributeSignature* OpSchema::attribute(std::string_view name) const noexcept {
  for (const AttributeSignature& attribute : attributes) {
    if (attribute.name == name) return &attribute;
  }
  return nullptr;
}

bool is_standard_domain(std::string_view domain) noexcept { return domain_rank(plain(domain)) < 3; }

int64_t newest_opset(std::string_view domain) noexcept {
  constexpr std::array<int64_t, 5> kNewest{kMaxOpset, 5, 1, 0, 0};
  return kNewest[static_cast<size_t>(domain_rank(plain(domain)))];
}

int32_t since_version(std::string_view domain, std::string_view op_type, int64_t opset) noexcept {
  const Row* row = find_row(domain, op_type, opset);
  return row == nullptr ? 0 : row->since_version;
}

int32_t first_version(std::string_view domain, std::string_view op_type) noexcept {
  const std::span<const Row> rows = family(domain, op_type);
  return rows.empty() ? 0 : rows.front().since_version;
}

std::vector<OperatorName> all_operators() {
  std::vector<OperatorName> names;
  for (const Row& row : rows()) {
    if (names.empty() || names.back().op_type != row.op_type || names.back().domain != row.domain)
      names.push_back({row.domain, row.op_type});
  }
  return names;
}

std::vector<int32_t> forms_of(const OperatorName& op) {
  std::vector<int32_t> forms;
  for (const Row& row : family(op.domain, op.op_type)) forms.push_back(row.since_version);
  return forms;
}

OpSchema find_schema(std::string_view domain, std::string_view op_type, int64_t opset) {
  OpSchema schema;
  const Row* row = find_row(domain, op_type, opset);
  if (row == nullptr) return schema;
  schema.op_type = row->op_type;
  schema.domain = row->domain;
  schema.since_version = row->since_version;
  schema.deprecated = row->deprecated;
  schema.inputs = parse_parameters(row->inputs, row->types);
  schema.outputs = parse_parameters(row->outputs, row->types);
  for_each_word(row->attributes, [&](std::string_view word) {
    const size_t colon = word.find(':');
    schema.attributes.push_back({word.substr(0, colon), word[colon + 1], word.ends_with('!')});
  });
  return schema;
}

}  // namespace bp
