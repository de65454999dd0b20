// Steps around one oneDNN primitive.
#include "onednn_step.hpp"

#include "constants.hpp"

namespace bp::cpu {

void OnednnStep::add(int id, const dnnl::memory::desc& desc, Builder::Ref ref) {
  arguments_.push_back({id, desc, operands_.size()});
  operands_.push_back(ref);
}

void OnednnStep::add_input(int id, uint32_t value, const dnnl::memory::desc& desc, Layout layout) {
  add(id, desc, b_.read(value, layout));
}

void OnednnStep::add_packed(int argument, uint32_t value, const dnnl::memory::desc& plain,
                            const dnnl::memory::desc& wanted) {
  const Value& info = b_.graph().values[value];
  if (info.constant && plain != wanted) {
    const std::string key = text(info.constant_id, "/") + desc_key(plain) + desc_key(wanted);
    Constants& constants = b_.constants();
    const uint64_t id = info.constant_id;
    add(argument, wanted, b_.packed_ref(key, wanted.get_size(), [=, &constants](void* target) {
      constants.with_bytes(id,
                           [&](const HostTensor& source) { reorder_now(plain, source.data, wanted, target); });
    }));
    return;
  }
  Builder::Ref ref = b_.read(value, Layout::kPlain);
  if (plain != wanted) {
    const Builder::Ref target = b_.scratch_ref(wanted.get_size());
    OnednnStep reorder(b_);
    reorder.add(DNNL_ARG_FROM, plain, ref);
    reorder.add(DNNL_ARG_TO, wanted, target);
    reorder.finish(describe_reorder(plain, wanted), "reorder", {b_.node_index()});
    ref = target;
  }
  add(argument, wanted, ref);
}

void OnednnStep::add_chain(const ChainOperands& chain) {
  for (const auto& extra : chain.extras) {
    if (extra.constant.storage != BP_NONE) {
      add(extra.id, extra.desc, extra.constant);
    } else {
      add_input(extra.id, extra.value, extra.desc, extra.layout);
    }
  }
}

void OnednnStep::finish(const Primitive& primitive, std::string name, std::vector<uint32_t> nodes,
                        std::string note) {
  const uint64_t scratch = primitive.scratchpad.get_size();
  if (scratch > 0) add(DNNL_ARG_SCRATCHPAD, primitive.scratchpad, b_.scratch_ref(scratch));
  Builder::RawStep step;
  step.kernel = std::make_unique<OnednnKernel>(primitive, std::move(arguments_));
  step.operands = std::move(operands_);
  step.name = std::move(name);
  step.implementation = primitive.implementation;
  step.note = std::move(note);
  step.nodes = std::move(nodes);
  b_.raw_step(std::move(step));
}

std::string step_name(const Builder& b, const FusedChain& chain) {
  return b.node().op_type + chain.name(b.graph());
}

std::vector<uint32_t> step_nodes(const Builder& b, const FusedChain& chain) {
  std::vector<uint32_t> nodes = {b.node_index()};
  for (const auto& [op, node] : chain.nodes) nodes.push_back(node);
  return nodes;
}

}  // namespace bp::cpu
