// Gradients: engine calls, hooks, nodes whose backward is managed code, grad modes.
#include "shim.h"
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/anomaly_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>
#include <torch/csrc/autograd/variable.h>

using namespace interp;
namespace ag = torch::autograd;

static std::vector<at::Tensor> tensors(void** list, int n) {
  std::vector<at::Tensor> v;
  v.reserve(n);
  for (int k = 0; k < n; k++) v.push_back(list && list[k] ? tensor(list[k]) : at::Tensor());
  return v;
}

API int32_t it_grad(void** outs, int32_t no, void** ins, int32_t ni, void** grads, int32_t ng, int32_t retain, int32_t create,
                    int32_t allow_unused, void** res) {
  GUARD(-1,
    auto r = ag::grad(tensors(outs, no), tensors(ins, ni), tensors(grads, ng), retain != 0, create != 0, allow_unused != 0);
    for (size_t k = 0; k < r.size(); k++) res[k] = r[k].defined() ? own(r[k]) : nullptr;
    return 0;)
}

API int32_t it_backward(void** outs, int32_t no, void** grads, int32_t ng, int32_t retain, int32_t create, void** ins, int32_t ni) {
  GUARD(-1, ag::backward(tensors(outs, no), tensors(grads, ng), retain != 0, create != 0, tensors(ins, ni)); return 0;)
}

API void* it_get_grad(void* t) { set_error(""); GUARD(nullptr, auto& g = tensor(t).grad(); return g.defined() ? own(g) : nullptr;) }
API int32_t it_set_grad(void* t, void* g) { GUARD(-1, tensor(t).mutable_grad() = g ? tensor(g) : at::Tensor(); return 0;) }
API int32_t it_retain_grad(void* t) { GUARD(-1, tensor(t).retain_grad(); return 0;) }

API int32_t it_grad_mode() { return c10::GradMode::is_enabled(); }
API void it_set_grad_mode(int32_t on) { c10::GradMode::set_enabled(on != 0); }
API void* it_inference_enter(int32_t on) { GUARD(nullptr, return new c10::InferenceMode(on != 0);) }
API void it_inference_leave(void* guard) { delete static_cast<c10::InferenceMode*>(guard); }
API int32_t it_inference_mode() { return c10::InferenceMode::is_enabled(); }
API int32_t it_anomaly_mode() { return ag::AnomalyMode::is_enabled(); }
API int32_t it_anomaly_check_nan() { return ag::AnomalyMode::should_check_nan(); }
API int32_t it_set_anomaly_mode(int32_t on, int32_t check_nan) { GUARD(-1, ag::AnomalyMode::set_enabled(on != 0, check_nan != 0); return 0;) }

// A hook gets an owned handle and returns 0; *out is null for "leave as it is", else an owned handle. Anything but 0 says that managed
// code threw: the engine is stopped by an exception whose text carries the number under which the managed side kept its own.
typedef int32_t (*hook_fn)(int64_t id, void* grad, void** out);
typedef void (*release_fn)(int64_t id);

[[noreturn]] static void managed_threw(int64_t id) { TORCH_CHECK(false, "interp-managed-exception:", id, ";"); }

struct HookState {
  hook_fn call;
  release_fn release;
  int64_t id;
  HookState(hook_fn c, release_fn r, int64_t i) : call(c), release(r), id(i) { }
  HookState(const HookState&) = delete;
  ~HookState() { release(id); }
};

API int32_t it_register_hook(void* t, hook_fn call, release_fn release, int64_t id, int32_t* handle) {
  auto make = [&]() -> std::shared_ptr<HookState> { return std::make_shared<HookState>(call, release, id); };
  GUARD(-1,
    auto state = make();
    *handle = static_cast<int32_t>(tensor(t).register_hook([state](at::Tensor g) -> at::Tensor {
      void* out = nullptr;
      if (state->call(state->id, own(g), &out) != 0) managed_threw(state->id);
      if (!out) return g;
      std::unique_ptr<at::Tensor> owned(static_cast<at::Tensor*>(out));
      return *owned;
    }));
    return 0;)
}

API int32_t it_remove_hook(void* t, int32_t handle) { GUARD(-1, tensor(t).remove_hook(static_cast<unsigned>(handle)); return 0;) }

// A node of the graph whose backward is managed code. It owns the managed state, which must not own it.
typedef int32_t (*node_fn)(int64_t id, void* self, void** grads, int32_t n, void** out, int32_t m);

struct ManagedNode : public ag::Node {
  node_fn call;
  release_fn free_state;
  int64_t id;
  std::string label;
  std::vector<ag::SavedVariable> saved;

  ManagedNode(node_fn c, release_fn r, int64_t i, const char* n) : call(c), free_state(r), id(i), label(n) { }
  ~ManagedNode() override { free_state(id); }
  std::string name() const override { return label; }
  void release_variables() override { for (auto& s : saved) s.reset_data(); }

  ag::variable_list apply(ag::variable_list&& grads) override {
    std::vector<void*> in(grads.size(), nullptr);
    for (size_t k = 0; k < grads.size(); k++) if (grads[k].defined()) in[k] = own(grads[k]);
    std::vector<void*> out(num_outputs(), nullptr);
    int32_t rc = call(id, this, in.data(), static_cast<int32_t>(in.size()), out.data(), static_cast<int32_t>(out.size()));
    ag::variable_list result(out.size());
    for (size_t k = 0; k < out.size(); k++) {
      if (!out[k]) continue;
      std::unique_ptr<at::Tensor> owned(static_cast<at::Tensor*>(out[k]));
      result[k] = *owned;
    }
    if (rc != 0) managed_threw(id);
    return result;
  }
};

// libtorch held nodes by shared_ptr and later by intrusive_ptr: what an edge holds says which. The bodies are templates, so that only the
// one that fits is compiled.
using NodePtr = std::decay_t<decltype(std::declval<ag::Edge>().function)>;

struct DeleteNode { template <class N> void operator()(N* n) const { deleteNode(n); } };

template <class N, class... A>
static std::shared_ptr<ag::Node> make_node(std::shared_ptr<ag::Node>*, A... a) { return std::shared_ptr<ag::Node>(static_cast<ag::Node*>(new N(a...)), DeleteNode()); }
template <class N, class... A>
static c10::intrusive_ptr<ag::Node> make_node(c10::intrusive_ptr<ag::Node>*, A... a) { return c10::make_intrusive<N>(a...); }

template <class N>
static auto self_of(N* n, std::shared_ptr<ag::Node>*) { return n->shared_from_this(); }
template <class N>
static auto self_of(N* n, c10::intrusive_ptr<ag::Node>*) { return c10::intrusive_ptr<ag::Node>::reclaim_copy(n); }

struct NodeHandle {
  NodePtr node;
  ManagedNode* managed() const { return static_cast<ManagedNode*>(node.get()); }
};

// The node's edges lead to all of `ins`; who asks has made sure that one of them needs a gradient.
API void* it_node(node_fn call, release_fn release, int64_t id, const char* name, void** ins, int32_t n) {
  GUARD(nullptr,
    auto list = tensors(ins, n);
    NodePtr node = make_node<ManagedNode>(static_cast<NodePtr*>(nullptr), call, release, id, name);
    node->set_next_edges(ag::collect_next_edges(list));
    return new NodeHandle{node};)
}

API void it_free_node(void* h) { try { delete static_cast<NodeHandle*>(h); } catch (...) { } }

// Makes `t` an output of the node. An input handed through unchanged gets a new object over the same memory.
API void* it_node_output(void* h, void* t, int32_t is_input, int32_t dirty) {
  GUARD(nullptr,
    auto& node = static_cast<NodeHandle*>(h)->node;
    at::Tensor x = tensor(t);
    if (dirty) {
      TORCH_CHECK(!(x.is_leaf() && x.requires_grad()), "a leaf Variable that requires grad is being used in an in-place operation.");
      auto slot = node->add_input_metadata(x);
      ag::impl::rebase_history(x, {node, slot});
      return own(x);
    }
    if (is_input || x.requires_grad()) { at::NoGradGuard off; x = x.detach(); }
    ag::set_history(x, node);
    return own(x);)
}

// An output that has no gradient keeps its place among the node's, so that backward gets one gradient for each output.
API int32_t it_node_skip(void* h) { GUARD(-1, static_cast<NodeHandle*>(h)->node->add_input_metadata(ag::Node::undefined_input()); return 0;) }

API int32_t it_node_save(void* h, void** list, int32_t n, const int32_t* is_output) {
  GUARD(-1,
    auto* node = static_cast<NodeHandle*>(h)->managed();
    node->saved.clear();
    for (int k = 0; k < n; k++) node->saved.emplace_back(list[k] ? tensor(list[k]) : at::Tensor(), is_output[k] != 0);
    return 0;)
}

API int32_t it_node_saved_count(void* self) { return static_cast<int32_t>(static_cast<ManagedNode*>(self)->saved.size()); }

// Inside backward only, where the engine holds the node.
API int32_t it_node_saved(void* self, void** out) {
  GUARD(-1,
    auto* node = static_cast<ManagedNode*>(self);
    std::vector<at::Tensor> all;
    for (auto& s : node->saved) all.push_back(s.unpack(self_of(node, static_cast<NodePtr*>(nullptr))));
    for (size_t k = 0; k < all.size(); k++) out[k] = all[k].defined() ? own(all[k]) : nullptr;
    return 0;)
}
