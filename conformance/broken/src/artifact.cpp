// Saved programs: steps and values in the code section, constants as weights.
#include "artifact_bytes.hpp"
#include "check_struct.hpp"
#include "program.hpp"

namespace broken {
namespace {

using bp::sdk::entry;

constexpr std::string_view kMagic = "bp-reference-1";  // the whole header
constexpr uint64_t kSmall = 64;                        // bytes; larger constants stay in the model file

void write_code(const Program& program, ByteWriter& code) {
  code.number(program.accumulate_float64 ? 1 : 0);
  code.number(program.values.size());
  for (const Value& value : program.values) {
    code.number(value.element_type);
    code.number(value.rank);
    code.number(static_cast<uint64_t>(value.place));
    code.number(value.index);
    code.number(value.constant_id);
  }
  code.number(program.steps.size());
  for (const Step& step : program.steps) {
    code.text(step.op->name);
    code.text(step.name);
    code.number(step.node);
    code.number(step.output);
    code.numbers(step.inputs);
  }
  code.numbers(program.inputs);
  code.numbers(program.outputs);
  code.number(program.packed.size());
  for (const Packed& packed : program.packed) {
    code.number(packed.size);
    code.numbers(packed.dims);
  }
}

void read_values(ByteReader& code, Program& program) {
  const uint64_t count = code.count();
  for (uint64_t v = 0; v < count; ++v) {
    Value value;
    value.element_type = code.number32();
    value.rank = code.number32(64);
    value.place = static_cast<Place>(code.number(static_cast<uint64_t>(Place::kConstant)));
    value.index = code.number32();
    value.constant_id = code.number();
    program.values.push_back(value);
  }
}

void read_steps(ByteReader& code, Program& program) {
  const uint64_t last = program.values.size() - 1;
  const uint64_t count = code.count();
  for (uint64_t s = 0; s < count; ++s) {
    Step step;
    const std::string_view op = code.text();
    step.op = find_operator(has(Fault::loads_another_program) && op == "Neg" ? "Abs" : op);
    if (step.op == nullptr) ByteReader::fail("an operator is unknown");
    step.name = std::string(code.text());
    step.node = code.number32();
    step.output = code.number32(last);
    step.inputs = code.numbers<uint32_t>(last);
    if (step.inputs.size() != step.op->inputs) ByteReader::fail("an operator has too few inputs");
    program.steps.push_back(std::move(step));
  }
  program.inputs = code.numbers<uint32_t>(last);
  program.outputs = code.numbers<uint32_t>(last);
}

void read_packed(ByteReader& code, const bp_artifact_reader& reader, Program& program) {
  const Host host = program.host();
  const uint64_t count = code.count();
  for (uint64_t i = 0; i < count; ++i) {
    Packed packed;
    packed.size = code.number();
    packed.dims = code.numbers<int64_t>(INT64_MAX);
    const void* data = nullptr;
    uint64_t size = 0;
    host.check(reader.weight(reader.user, i, &data, &size));
    if (size != packed.size) ByteReader::fail("a weight has another size");
    packed.data = static_cast<const std::byte*>(data);
    program.packed.push_back(std::move(packed));
  }
}

// Places say where a value is found: in one of three lists, or in the workspace.
void check_places(const Program& program) {
  for (const Value& value : program.values) {
    const size_t limit = value.place == Place::kInput      ? program.inputs.size()
                         : value.place == Place::kOutput   ? program.outputs.size()
                         : value.place == Place::kConstant ? program.packed.size()
                                                           : size_t{UINT32_MAX} + 1;
    if (value.index >= limit) ByteReader::fail("a value lies nowhere");
  }
}

}  // namespace

void Program::save(const bp_artifact_writer* writer) const {
  BROKEN_CHECK(writer, bp_artifact_writer, write_weight_reference);
  const Host to = host();
  to.check(writer->write_header(writer->user, kMagic.data(), kMagic.size()));
  ByteWriter code;
  write_code(*this, code);
  const std::string bytes = code.finish();
  to.check(writer->write_code(writer->user, bytes.data(), bytes.size()));
  for (const Value& value : values) {
    if (value.place != Place::kConstant) continue;
    const Packed& constant = packed.at(value.index);
    if (constant.size > kSmall) {
      const bp_host* table = to.get();
      const bp_status status = writer->write_weight_reference(writer->user, value.index, value.constant_id);
      if (status == nullptr) continue;
      if (table->status_code(table, status) != BP_STATUS_UNSUPPORTED) to.check(status);
      table->status_release(table, status);  // the model is not a file: the bytes, then
    }
    to.check(writer->write_weight(writer->user, value.index, constant.data, constant.size, kAlignment));
  }
}

void Provider::check_artifact(const bp_artifact_info* info, bp_artifact_answer* answer) const {
  BROKEN_CHECK(info, bp_artifact_info, header_size);
  BROKEN_CHECK(answer, bp_artifact_answer, text);
  const std::string_view header(static_cast<const char*>(info->header), static_cast<size_t>(info->header_size));
  answer->kind = BP_ARTIFACT_OPTIMAL;
  answer->text = {};
  if (header != kMagic && !has(Fault::takes_damaged_programs)) {
    answer->kind = BP_ARTIFACT_REFUSE;
    answer->text = bp::sdk::abi("the header is not one of this provider");
  } else if (bp::sdk::view(info->fingerprint) != fingerprint_ || bp::sdk::view(info->driver) != "1") {
    answer->kind = BP_ARTIFACT_RECOMPILE;
    answer->text = bp::sdk::abi("the program was compiled for another device or driver");
  }
}

void Provider::load(const bp_compile_args* args, const bp_artifact_reader* reader, bp_program* out) {
  BROKEN_CHECK(args, bp_compile_args, progress);
  BROKEN_CHECK(args->partition, bp_graph, host_graph);
  BROKEN_CHECK(reader, bp_artifact_reader, weight);
  check_pointer(out, "program");
  if (has(Fault::takes_damaged_programs)) {
    // The fault: the bytes are not looked at, the graph is compiled anew.
    *out = bp::sdk::to_handle(read_partition(*this, *args, true));
    return;
  }
  if (std::string_view(static_cast<const char*>(reader->header), static_cast<size_t>(reader->header_size)) !=
      kMagic) {
    ByteReader::fail("the header is not one of this provider");
  }
  auto program = std::make_unique<Program>(*this, args->partition->constants);
  ByteReader code(reader->code, reader->code_size);
  program->accumulate_float64 = code.number(1) != 0;
  read_values(code, *program);
  if (program->values.empty()) ByteReader::fail("it has no values");
  read_steps(code, *program);
  read_packed(code, *reader, *program);
  check_places(*program);
  if (program->inputs.size() != args->partition->inputs.count ||
      program->outputs.size() != args->partition->outputs.count) {
    throw Error(BP_STATUS_INCOMPATIBLE, "the saved program is of another graph");
  }
  host_.check_cancel(args->cancel);
  *out = bp::sdk::to_handle(std::move(program));
}

extern const bp_artifact_api kArtifactApi = {.struct_size = BP_STRUCT_SIZE(bp_artifact_api, load),
                                             .reserved = 0,
                                             .save = entry<&Program::save>,
                                             .check_artifact = entry<&Provider::check_artifact>,
                                             .load = entry<&Provider::load>};

}  // namespace broken
