// SessionReport: where each node runs and why, as data. The command line's `explain` prints nothing else.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace bp {

// Why a device did not take a node.
struct ReportReason {
  std::string code;     // "OPERATOR", "TYPE", "RANK", "DYNAMIC_SHAPE", "ATTRIBUTE", ...
  std::string subject;  // "input 1", "attribute 'group'", empty
  std::string text;
};

struct ReportVerdict {
  std::string device;  // "CPU:0"
  bool supported = false;
  std::vector<ReportReason> reasons;
};

struct ReportNode {
  std::string name;
  std::string op_type;  // with its domain when that is not ai.onnx: "com.microsoft.QLinearAdd"
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::vector<std::string> output_types;  // "float32[1,64,56,56]"
  std::string placement;   // a device ("CPU:0"), "host" (shape arithmetic of the core) or "core" (control
                           // flow, sequences, optionals, maps)
  int64_t partition = -1;  // index in SessionReport::partitions
  std::vector<ReportVerdict> verdicts;  // of every device that was asked
  std::vector<std::string> origin;      // nodes of the file that became this one, when they differ
  std::string note;
  uint32_t depth = 0;   // 0: main graph; bodies of control flow below
  std::string body_of;  // "Loop 'l1' body 0" for nodes of bodies
};

// One step of a compiled program.
struct ReportStep {
  std::string name;  // "conv+bias+relu"
  std::string implementation;
  std::vector<std::string> nodes;
  std::string note;
};

struct ReportPartition {
  std::string device;
  std::vector<std::string> nodes;
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::vector<ReportStep> steps;  // empty until shapes are known
  uint64_t workspace_bytes = 0;
  int64_t compile_ns = 0;
  std::string note;  // "loaded from saved programs", "recompiled: driver changed"
};

// A copy between two memories that every run makes.
struct ReportCopy {
  std::string value;
  std::string from;
  std::string to;
  uint64_t size_bytes = 0;
};

struct ReportArena {
  std::string memory;  // "host", "CUDA:0 device"
  uint64_t size_bytes = 0;
  uint64_t lower_bound_bytes = 0;  // largest sum of bytes alive at one time
};

struct ReportPhase {
  std::string name;  // "load", "check", "canonicalize", ...
  int64_t duration_ns = 0;
};

struct ReportPass {
  std::string name;
  uint64_t changes = 0;
  std::string note;
};

struct SessionReport {
  std::vector<std::string> devices;  // in the order of preference
  std::vector<ReportNode> nodes;     // as they run, bodies after their node
  std::vector<ReportPartition> partitions;
  std::vector<ReportCopy> copies;   // of the shapes settled last
  std::vector<ReportArena> arenas;  // likewise
  std::vector<ReportPhase> phases;
  std::vector<ReportPass> passes;
  std::vector<std::string> notes;  // broken claims, devices that took over, folding skipped, inputs copied
  uint32_t segments = 0;
  uint64_t specializations = 0;  // distinct shapes settled so far
  uint64_t step_count = 0;       // steps of one run, of the shapes settled last
  uint32_t threads = 0;
};

// What took a part of a run's time.
struct RunSpan {
  std::string name;   // "conv_1, relu_1: Conv+Relu"
  std::string track;  // who did it: "CPU:0", "core"
  // A step of a program, as its provider reported it; the others are the core's or hold steps.
  bool is_step = false;
  uint64_t begin_ns = 0, end_ns = 0;  // CLOCK_MONOTONIC
};

}  // namespace bp
