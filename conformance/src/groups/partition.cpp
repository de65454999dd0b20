#include "groups/partition.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <set>
#include <thread>

#include "groups/contract.hpp"
#include "harness/graph_zoo.hpp"

namespace bp::conformance {
namespace {

// Asks about all graphs of the zoo; each may be refused whole, with an error.
template <class Function>
void for_each_query(Opened& opened, Function&& function) {
  for (const ZooGraph& zoo : graph_zoo(opened.provider->canonical_level, opened.seed)) {
    const RawView view(zoo.graph);
    const RawQuery answer = query(opened.provider, view, opened.options);
    if (answer.status.ok()) function(zoo, answer);
  }
}

std::string node_name(const ZooGraph& zoo, uint32_t node) {
  return fmt::format("{}, node {} ({})", zoo.name, node,
                     node < zoo.graph.nodes().size() ? zoo.graph.nodes()[node].op_type : "none");
}

void every_node(const CaseTarget& target, CaseResult&) {
  with_provider(target, [](Opened& opened) {
    for_each_query(opened, [](const ZooGraph& zoo, const RawQuery& answer) {
      std::set<uint32_t> reported;
      for (const RawVerdict& verdict : answer.verdicts) {
        if (verdict.node >= zoo.graph.nodes().size()) {
          fail(fmt::format("{}: a verdict about node {} of {}", zoo.name, verdict.node,
                           zoo.graph.nodes().size()));
        }
        if (!reported.insert(verdict.node).second) {
          fail(fmt::format("{}: reported twice", node_name(zoo, verdict.node)));
        }
        if (verdict.kind != BP_VERDICT_SUPPORTED && verdict.kind != BP_VERDICT_REJECTED) {
          fail(fmt::format("{}: the verdict is {}, expected SUPPORTED or REJECTED",
                           node_name(zoo, verdict.node), verdict.kind));
        }
      }
      for (uint32_t node = 0; node < zoo.graph.nodes().size(); ++node) {
        if (!reported.contains(node)) fail(fmt::format("{}: no verdict", node_name(zoo, node)));
      }
    });
  });
}

void check_reason(const ZooGraph& zoo, const RawVerdict& verdict, const RawReason& reason) {
  const std::string place = node_name(zoo, verdict.node);
  const RawGraph::Node& node = zoo.graph.nodes()[verdict.node];
  if (reason.code < BP_REASON_OPERATOR || reason.code > BP_REASON_OTHER) {
    fail(fmt::format("{}: the reason {} is none of capability.h", place, reason.code));
  }
  if (reason.text.size() < 4)
    fail(fmt::format("{}: the reason {} has no sentence", place, reason_name(reason.code)));
  if (reason.input != BP_NONE && reason.input >= node.inputs.size()) {
    fail(fmt::format("{}: a reason is about input {} of {}", place, reason.input, node.inputs.size()));
  }
  if (reason.output != BP_NONE && reason.output >= node.outputs.size()) {
    fail(fmt::format("{}: a reason is about output {} of {}", place, reason.output, node.outputs.size()));
  }
}

void reasons(const CaseTarget& target, CaseResult& result) {
  with_provider(target, [&](Opened& opened) {
    for_each_query(opened, [&](const ZooGraph& zoo, const RawQuery& answer) {
      for (const RawVerdict& verdict : answer.verdicts) {
        if (verdict.node >= zoo.graph.nodes().size()) continue;  // partition.every_node
        const std::string place = node_name(zoo, verdict.node);
        if (verdict.supported() && !verdict.reasons.empty()) {
          fail(fmt::format("{}: supported, and with a reason: {}", place, verdict.reasons[0].text));
        }
        if (!verdict.supported() && verdict.reasons.empty())
          fail(fmt::format("{}: rejected without a reason", place));
        for (const RawReason& reason : verdict.reasons) {
          check_reason(zoo, verdict, reason);
          ++result.reasons[reason_name(reason.code)];
        }
        if (zoo.nobody && verdict.supported()) {
          fail(fmt::format("{}: called supported, and nobody has that operator", place));
        }
      }
    });
  });
}

// ---- purity ----

struct Asked {
  uint32_t code = 0;
  std::vector<RawVerdict> verdicts;
  bool operator==(const Asked&) const = default;
};

Asked ask(const Opened& opened, const RawView& view) {
  RawQuery answer = query(opened.provider, view, opened.options);
  std::sort(answer.verdicts.begin(), answer.verdicts.end(),
            [](const RawVerdict& a, const RawVerdict& b) { return a.node < b.node; });
  return {answer.status.code, std::move(answer.verdicts)};
}

uint64_t used_memory(const RawProvider& provider) {
  const auto usage = BP_FUNCTION(provider->memory, bp_memory_api, usage);
  if (usage == nullptr) return 0;
  const bp_device_info info = provider.info();
  uint64_t used = 0, available = 0;
  provider.must("usage", [&] {
    return usage(provider.device(), BP_AT(bp_memory_kind_info, info.memory_kinds, 0)->kind, &used, &available);
  });
  return used;
}

void pure(const CaseTarget& target, CaseResult&) {
  with_provider(target, [](Opened& opened) {
    const std::vector<ZooGraph> zoo = graph_zoo(opened.provider->canonical_level, opened.seed);
    std::vector<Asked> first;
    std::vector<RawPartitionAnswer> partitions;
    const uint64_t used = used_memory(opened.provider);
    for (const ZooGraph& one : zoo) first.push_back(ask(opened, RawView(one.graph)));
    const auto expect_same = [&](const std::string& how) {
      for (size_t i = 0; i < zoo.size(); ++i) {
        if (!(ask(opened, RawView(zoo[i].graph)) == first[i])) {
          fail(fmt::format("{}: another answer to the same query {}", zoo[i].name, how));
        }
      }
    };
    expect_same("the second time");
    const std::vector<Probe> probes = supported_probes(opened.provider, opened.options, opened.seed);
    for (const Probe& probe : probes) {
      partitions.push_back(query_partition(opened.provider, RawView(probe.graph), opened.options));
    }
    if (const uint64_t now = used_memory(opened.provider); now > used) {
      fail(fmt::format("queries took {} bytes of device memory", now - used));
    }
    for (const Probe& probe : probes)
      run_probe_graph(opened.provider, probe.graph, opened.options, probe.inputs, opened.args);
    expect_same("after programs were compiled and run");
    for (size_t i = 0; i < probes.size(); ++i) {
      if (!(query_partition(opened.provider, RawView(probes[i].graph), opened.options) == partitions[i])) {
        fail(fmt::format("{}: another answer of query_partition the second time", probes[i].name));
      }
    }
    std::vector<std::exception_ptr> errors(3);
    std::vector<std::thread> threads;
    for (std::exception_ptr& error : errors) {
      threads.emplace_back([&] {
        try {
          expect_same("from another thread, with others asking at once");
        } catch (...) {
          error = std::current_exception();
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (const std::exception_ptr& error : errors) {
      if (error) std::rethrow_exception(error);
    }
  });
}

// ---- claims ----

void compile_and_run(const Opened& opened, const std::string& name, const RawGraph& graph,
                     const std::vector<RawTensor>& inputs) {
  try {
    run_probe_graph(opened.provider, graph, opened.options, inputs, opened.args);
  } catch (const CaseEnd& end) {
    throw CaseEnd(end.outcome(), fmt::format("{} was claimed: {}", name, end.what()));
  }
}

// Probes side by side in one graph.
Probe side_by_side(const std::vector<Probe>& probes, uint32_t level) {
  Probe merged{"all graphs that were claimed, side by side", RawGraph(level), {}};
  for (const Probe& probe : probes) {
    const auto value_offset = static_cast<uint32_t>(merged.graph.values().size());
    const auto node_offset = static_cast<uint32_t>(merged.graph.nodes().size());
    for (RawGraph::Value value : probe.graph.values()) {
      value.name += fmt::format("_{}", merged.graph.values().size());
      if (value.producer != BP_NONE) value.producer += node_offset;
      merged.graph.values().push_back(std::move(value));
    }
    for (RawGraph::Node node : probe.graph.nodes()) {
      node.name += fmt::format("_{}", merged.graph.nodes().size());
      for (std::vector<uint32_t>* indices : {&node.inputs, &node.outputs}) {
        for (uint32_t& index : *indices) index += index == BP_NONE ? 0 : value_offset;
      }
      merged.graph.nodes().push_back(std::move(node));
    }
    merged.inputs.insert(merged.inputs.end(), probe.inputs.begin(), probe.inputs.end());
  }
  return merged;
}

// A node by itself, as a claim means it.
void check_node_alone(Opened& opened, const std::string& name, const RawGraph& graph, uint32_t node) {
  const RawGraph alone = graph.alone(node);
  std::vector<RawTensor> inputs;
  for (const uint32_t input : alone.inputs()) {
    const RawGraph::Value& value = alone.values()[input];
    inputs.push_back(random_tensor(value.element_type, value.dims, opened.seed + input));
  }
  const RawPartitionAnswer answer = query_partition(opened.provider, RawView(alone), opened.options);
  if (!answer.status.ok() || answer.kind != BP_PARTITION_ACCEPT) {
    fail(fmt::format("{}: node {} was claimed, and query_partition does not accept it alone: {}", name, node,
                     answer.text));
  }
  compile_and_run(opened, fmt::format("{}, node {} alone", name, node), alone, inputs);
}

void claims_hold(const CaseTarget& target, CaseResult& result) {
  with_provider(target, [&](Opened& opened) {
    std::vector<Probe> claimed;
    for (Probe& probe : all_probes(opened.provider->canonical_level, opened.seed)) {
      const RawView view(probe.graph);
      const RawQuery answer = query(opened.provider, view, opened.options);
      if (!answer.status.ok()) continue;
      const bool whole = answer.supports_all(probe.graph.nodes().size());
      for (uint32_t node = 0; node < probe.graph.nodes().size(); ++node) {
        ++result.nodes;
        const RawVerdict* verdict = answer.of(node);
        if (verdict == nullptr || !verdict->supported()) continue;
        check_node_alone(opened, probe.name, probe.graph, node);
        ++result.nodes_by_provider;
      }
      if (!whole || query_partition(opened.provider, view, opened.options).kind != BP_PARTITION_ACCEPT)
        continue;
      compile_and_run(opened, probe.name, probe.graph, probe.inputs);
      claimed.push_back(std::move(probe));
    }
    if (claimed.empty()) not_applicable("the provider supports none of the graphs that this case knows");
    const Probe merged = side_by_side(claimed, opened.provider->canonical_level);
    const RawView view(merged.graph);
    const RawQuery answer = query(opened.provider, view, opened.options);
    if (!answer.status.ok() || !answer.supports_all(merged.graph.nodes().size())) {
      fail(fmt::format("{}: not all nodes are claimed as they were alone", merged.name));
    }
    if (query_partition(opened.provider, view, opened.options).kind == BP_PARTITION_ACCEPT) {
      compile_and_run(opened, merged.name, merged.graph, merged.inputs);
    }
  });
}

// ---- views, wants, levels, splits ----

void view_const(const CaseTarget& target, CaseResult&) {
  with_provider(target, [](Opened& opened) {
    const auto check = [](const std::string& name, const char* call, const RawView& view, uint64_t before) {
      if (view.fingerprint() != before) fail(fmt::format("{}: {} wrote to the view", name, call));
    };
    for (const ZooGraph& zoo : graph_zoo(opened.provider->canonical_level, opened.seed)) {
      const RawView view(zoo.graph);
      const uint64_t before = view.fingerprint();
      query(opened.provider, view, opened.options);
      check(zoo.name, "query", view, before);
    }
    for (const Probe& probe : supported_probes(opened.provider, opened.options, opened.seed)) {
      const RawPartition partition(opened.provider, probe.graph, opened.options, opened.args);
      if (!partition.view_is_whole()) fail(fmt::format("{}: compile wrote to the view", probe.name));
      const RawView view(probe.graph);
      const uint64_t before = view.fingerprint();
      query_partition(opened.provider, view, opened.options);
      check(probe.name, "query_partition", view, before);
    }
  });
}

void wants(const CaseTarget& target, CaseResult&) {
  with_provider(target, [](Opened& opened) {
    for_each_query(opened, [](const ZooGraph& zoo, const RawQuery& answer) {
      for (const RawVerdict& verdict : answer.verdicts) {
        if (verdict.node >= zoo.graph.nodes().size() || !verdict.supported()) continue;
        const std::string place = node_name(zoo, verdict.node);
        const RawGraph::Node& node = zoo.graph.nodes()[verdict.node];
        if (!verdict.wants.empty() && verdict.wants.size() != node.inputs.size()) {
          fail(fmt::format("{}: {} wants for {} inputs", place, verdict.wants.size(), node.inputs.size()));
        }
        for (size_t i = 0; i < node.inputs.size(); ++i) {
          if (node.inputs[i] == BP_NONE) continue;
          const RawGraph::Value& value = zoo.graph.values()[node.inputs[i]];
          const uint32_t want = verdict.want(i);
          const bool constant = value.flags & BP_VALUE_CONSTANT;
          if (want > BP_WANT_CONSTANT) fail(fmt::format("{}: input {} is wanted as {}", place, i, want));
          if (want == BP_WANT_CONSTANT && !constant) {
            fail(fmt::format(
                "{}: input {} is wanted as a constant and is none: that is a rejection (NOT_CONSTANT)", place,
                i));
          }
          if (value.element_type == BP_TYPE_STRING && !constant && want != BP_WANT_HOST) {
            fail(fmt::format("{}: input {} is of strings, which are in host memory, and is wanted otherwise",
                             place, i));
          }
        }
      }
    });
  });
}

// The lowest level that is documented.
constexpr uint32_t kLowestLevel = 22;

void newer_form(const CaseTarget& target, CaseResult&) {
  with_provider(target, [](Opened& opened) {
    const uint32_t level = opened.provider->canonical_level;
    if (level < kLowestLevel) {
      fail(fmt::format("canonical_level is {}, the lowest that is documented is {}", level, kLowestLevel));
    }
    // A core that is older than the provider shows its own, lower level.
    const std::vector<Probe> newest = all_probes(level, opened.seed);
    for (uint32_t lower = kLowestLevel; lower <= std::min(level, kLowestLevel + 20); ++lower) {
      const std::vector<Probe> probes = all_probes(lower, opened.seed);
      for (size_t i = 0; i < probes.size(); ++i) {
        const RawView view(probes[i].graph);
        const RawQuery answer = query(opened.provider, view, opened.options);
        if (!answer.status.ok()) {
          fail(fmt::format(
              "{} at level {}: query answers {}, and the provider says that it was built for level {}",
              probes[i].name, lower, answer.status.to_string(), level));
        }
        if (!answer.supports_all(probes[i].graph.nodes().size())) continue;
        if (query_partition(opened.provider, view, opened.options).kind != BP_PARTITION_ACCEPT) continue;
        compile_and_run(opened, fmt::format("{} at level {}", probes[i].name, lower), probes[i].graph,
                        probes[i].inputs);
      }
    }
  });
}

void split(const CaseTarget& target, CaseResult&) {
  with_provider(target, [](Opened& opened) {
    const auto check = [&](const std::string& name, const RawGraph& graph) {
      const RawView view(graph);
      const RawQuery verdicts = query(opened.provider, view, opened.options);
      if (!verdicts.status.ok() || !verdicts.supports_all(graph.nodes().size())) return;
      const RawPartitionAnswer answer = query_partition(opened.provider, view, opened.options);
      if (!answer.status.ok()) {
        fail(fmt::format("{}: query_partition: expected an answer, got {}", name, answer.status.to_string()));
      }
      const size_t count = graph.nodes().size();
      switch (answer.kind) {
        case BP_PARTITION_ACCEPT:
          return;
        case BP_PARTITION_SPLIT:
          if (answer.split_node == 0 || answer.split_node >= count) {
            fail(fmt::format("{}: split at node {} of {}: expected a place inside", name, answer.split_node,
                             count));
          }
          break;
        case BP_PARTITION_REJECT:
          if (count == 1)
            fail(fmt::format("{}: the query supports its only node, query_partition rejects it", name));
          if (answer.split_node != BP_NONE && answer.split_node >= count) {
            fail(fmt::format("{}: rejected for node {} of {}", name, answer.split_node, count));
          }
          break;
        default:
          fail(fmt::format("{}: query_partition answers {}, expected ACCEPT, REJECT or SPLIT", name,
                           answer.kind));
      }
      if (answer.reason_code < BP_REASON_OPERATOR || answer.reason_code > BP_REASON_OTHER ||
          answer.text.empty()) {
        fail(fmt::format("{}: not accepted, with reason {} and the text '{}'", name, answer.reason_code,
                         answer.text));
      }
    };
    std::vector<Probe> merged;
    for (Probe& probe : all_probes(opened.provider->canonical_level, opened.seed)) {
      check(probe.name, probe.graph);
      for (uint32_t node = 0; node < probe.graph.nodes().size(); ++node) {
        check(fmt::format("{}, node {} alone", probe.name, node), probe.graph.alone(node));
      }
      const RawView view(probe.graph);
      if (query(opened.provider, view, opened.options).supports_all(probe.graph.nodes().size())) {
        merged.push_back(std::move(probe));
        check("several graphs side by side", side_by_side(merged, opened.provider->canonical_level).graph);
      }
    }
    for (const ZooGraph& zoo : graph_zoo(opened.provider->canonical_level, opened.seed))
      check(zoo.name, zoo.graph);
  });
}

const std::vector<ContractCase>& cases() {
  static const std::vector<ContractCase> kCases = {
      {"partition.every_node", Level::kContract, {40}, "A query reports each node exactly once.", every_node},
      {"partition.reasons",
       Level::kContract,
       {41},
       "A rejected node has a reason with a sentence, a supported one has none.",
       reasons},
      {"partition.pure",
       Level::kContract,
       {42},
       "The same query has the same answer, at any time and from any thread, and takes nothing.",
       pure,
       20'000},
      {"partition.claims_hold",
       Level::kContract,
       {43},
       "What is claimed compiles and runs, each node alone and in every partition that was accepted.",
       claims_hold,
       20'000},
      {"partition.view_const", Level::kContract, {44}, "No byte of a view is written.", view_const},
      {"partition.wants",
       Level::kContract,
       {46},
       "CONSTANT is wanted for constants only, HOST for strings.",
       wants},
      {"partition.newer_form",
       Level::kContract,
       {49},
       "Views of every documented level up to the provider's own are answered, and claims in them hold.",
       newer_form,
       30'000},
      {"partition.split",
       Level::kContract,
       {50},
       "A split lies inside; a single supported node is accepted.",
       split},
  };
  return kCases;
}

}  // namespace

Group partition_group() {
  return {"partition", "What a provider promises about nodes and partitions.",
          [](const PlanRequest&) { return plan_contract("partition", cases()); },
          [](const CaseInfo& info, const CaseTarget& target, CaseResult& result) {
            run_contract(cases(), info, target, result);
          }};
}

}  // namespace bp::conformance
