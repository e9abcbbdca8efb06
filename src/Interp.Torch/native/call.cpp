// Calls of any operator through the dispatcher, by (name, overload), with boxed arguments.
#include "shim.h"
#include <atomic>

namespace interp {

static thread_local std::string last_error;
void set_error(const char* text) { try { last_error = text ? text : ""; } catch (...) { } }

// Counted for the claim that a sweep never waits for the device: calls that must read device memory on the host.
std::atomic<int64_t> host_syncs{0};

enum Sync { Never = 0, Always = 1, Copy = 2, Index = 3 };

struct Op {
  c10::OperatorHandle handle;
  std::vector<Opt<c10::IValue>> defaults;
  Sync sync;
  explicit Op(c10::OperatorHandle h) : handle(h), sync(Never) {
    for (const auto& a : h.schema().arguments()) {
      if (a.default_value().has_value()) defaults.emplace_back(*a.default_value());
      else defaults.emplace_back();
    }
    const std::string& n = h.schema().name();
    static const char* always[] = {"aten::item", "aten::_local_scalar_dense", "aten::nonzero", "aten::masked_select", "aten::unique_dim",
      "aten::_unique2", "aten::unique_consecutive", "aten::is_nonzero", "aten::equal", "aten::allclose", "aten::argwhere", "aten::bincount"};
    for (auto s : always) if (n == s) sync = Always;
    if (n == "aten::to" || n == "aten::_to_copy" || n == "aten::copy_") sync = Copy;
    if (n == "aten::index" || n == "aten::index_put_" || n == "aten::index_put") sync = Index;
  }
};

static c10::IValue to_ivalue(const Arg& a) {
  switch (a.tag) {
    case None: return {};
    case Tensor: return c10::IValue(tensor(a.p));
    case Int: return c10::IValue(a.i);
    case Double: return c10::IValue(a.d);
    case Bool: return c10::IValue(a.i != 0);
    case Str: return c10::IValue(std::string(static_cast<const char*>(a.p), a.len));
    case Ints: return c10::IValue(c10::IntArrayRef(static_cast<const int64_t*>(a.p), a.len));
    case Doubles: return c10::IValue(std::vector<double>(static_cast<const double*>(a.p), static_cast<const double*>(a.p) + a.len));
    case Tensors: {
      std::vector<at::Tensor> v;
      v.reserve(a.len);
      for (int k = 0; k < a.len; k++) v.push_back(tensor(static_cast<void**>(a.p)[k]));
      return c10::IValue(std::move(v));
    }
    case OptTensors: {
      c10::List<Opt<at::Tensor>> v;
      v.reserve(a.len);
      for (int k = 0; k < a.len; k++) {
        void* q = static_cast<void**>(a.p)[k];
        if (q) v.push_back(Opt<at::Tensor>(tensor(q))); else v.push_back(Opt<at::Tensor>());
      }
      return c10::IValue(std::move(v));
    }
    case Device: return c10::IValue(c10::Device(static_cast<c10::DeviceType>(a.i), static_cast<c10::DeviceIndex>(a.len)));
    case Gen: return c10::IValue(*static_cast<at::Generator*>(a.p));
  }
  TORCH_CHECK(false, "bad argument tag ", a.tag);
}

static void count_sync(const Op& op, const Arg* args, int n) {
  if (n == 0 || args[0].tag != Tensor || !args[0].p) return;
  const at::Tensor& self = tensor(args[0].p);
  if (op.sync == Always) { if (self.is_cuda()) host_syncs++; return; }
  if (op.sync == Index) {
    if (!self.is_cuda() || n < 2 || args[1].tag != OptTensors) return;
    for (int k = 0; k < args[1].len; k++) {
      void* q = static_cast<void**>(args[1].p)[k];
      if (q && (tensor(q).scalar_type() == at::kBool || tensor(q).scalar_type() == at::kByte)) { host_syncs++; return; }
    }
    return;
  }
  bool cuda = self.is_cuda();
  for (int k = 1; k < n; k++) {
    if (args[k].tag == Device && (args[k].i == static_cast<int64_t>(c10::DeviceType::CUDA)) != cuda) { host_syncs++; return; }
    if (args[k].tag == Tensor && args[k].p && tensor(args[k].p).is_cuda() != cuda) { host_syncs++; return; }
  }
}

// A stack that keeps its memory between calls. It is moved out while in use, so that a hook may call in again.
static thread_local torch::jit::Stack spare;

struct Call {
  torch::jit::Stack stack;
  Call() : stack(std::move(spare)) { stack.clear(); }
  ~Call() { stack.clear(); spare = std::move(stack); }

  void run(const Op& op, const Arg* args, int n) {
    const size_t want = op.defaults.size();
    TORCH_CHECK(static_cast<size_t>(n) <= want, op.handle.schema().name(), " takes ", want, " arguments, got ", n);
    if (op.sync != Never) count_sync(op, args, n);
    stack.reserve(want);
    for (size_t k = 0; k < want; k++) {
      if (static_cast<int>(k) < n && args[k].tag != Default) { stack.push_back(to_ivalue(args[k])); continue; }
      TORCH_CHECK(op.defaults[k].has_value(), op.handle.schema().name(), ": missing argument ", op.handle.schema().arguments()[k].name());
      stack.push_back(*op.defaults[k]);
    }
    op.handle.callBoxed(&stack);
  }
};

static void put_value(Arg& o, const c10::IValue& v) {
  if (v.isInt()) { o.tag = Int; o.i = v.toInt(); }
  else if (v.isDouble()) { o.tag = Double; o.d = v.toDouble(); }
  else if (v.isBool()) { o.tag = Bool; o.i = v.toBool(); }
  else if (v.isNone()) { o.tag = None; o.p = nullptr; }
  else TORCH_CHECK(false, "an operator returned an unsupported ", v.tagKind());
}

// One result as if by value; handles created before a failure are freed again.
static int put_all(torch::jit::Stack& stack, Arg* out, int cap) {
  int m = 0;
  auto put = [&](const at::Tensor& t) {
    TORCH_CHECK(m < cap, "an operator returned more than ", cap, " results");
    out[m].p = t.defined() ? own(t) : nullptr;
    out[m++].tag = Tensor;
  };
  try {
    for (const auto& v : stack) {
      if (v.isTensor()) put(v.toTensor());
      else if (v.isTensorList()) { for (const at::Tensor& t : v.toTensorVector()) put(t); }
      else { TORCH_CHECK(m < cap, "an operator returned more than ", cap, " results"); put_value(out[m], v); m++; }
    }
  } catch (...) {
    for (int k = 0; k < m; k++) if (out[k].tag == Tensor) delete static_cast<at::Tensor*>(out[k].p);
    throw;
  }
  return m;
}

}  // namespace interp

using namespace interp;

API const char* it_last_error() { return last_error.c_str(); }
API int64_t it_host_syncs() { return host_syncs.load(); }

API void* it_op(const char* name, const char* overload) {
  GUARD(nullptr, return new Op(c10::Dispatcher::singleton().findSchemaOrThrow(name, overload));)
}

API int32_t it_op_arguments(void* op) { GUARD(-1, return static_cast<int32_t>(static_cast<Op*>(op)->defaults.size());) }

// One tensor out. Null means failure: an undefined result comes back as an undefined tensor.
API void* it_call1(void* op, const Arg* args, int32_t n) {
  GUARD(nullptr,
    Call call;
    call.run(*static_cast<Op*>(op), args, n);
    TORCH_CHECK(!call.stack.empty() && call.stack[0].isTensor(), "the operator returned no tensor");
    return own(std::move(call.stack[0]).toTensor());)
}

// The four rules of arithmetic, most of all calls, without boxes.
API void* it_binary(int32_t rule, void* a, void* b) {
  GUARD(nullptr,
    switch (rule) {
      case 0: return own(at::add(tensor(a), tensor(b)));
      case 1: return own(at::sub(tensor(a), tensor(b)));
      case 2: return own(at::mul(tensor(a), tensor(b)));
      case 3: return own(at::div(tensor(a), tensor(b)));
    }
    TORCH_CHECK(false, "bad rule ", rule);)
}

// Results are dropped: in-place operators.
API int32_t it_call0(void* op, const Arg* args, int32_t n) {
  GUARD(-1, Call call; call.run(*static_cast<Op*>(op), args, n); return 0;)
}

// The number of results, or -1. Tensors are owned handles, numbers stand by value, a list of tensors is spread out.
API int32_t it_call(void* op, const Arg* args, int32_t n, Arg* out, int32_t cap) {
  GUARD(-1,
    Call call;
    call.run(*static_cast<Op*>(op), args, n);
    return put_all(call.stack, out, cap);)
}

// As it_call for lists of unknown length: *out is an array of *count handles to be given to it_free_list.
API int32_t it_call_list(void* op, const Arg* args, int32_t n, void*** out, int32_t* count) {
  GUARD(-1,
    Call call;
    call.run(*static_cast<Op*>(op), args, n);
    std::vector<at::Tensor> all;
    for (const auto& v : call.stack) {
      if (v.isTensor()) all.push_back(v.toTensor());
      else if (v.isTensorList()) { for (const at::Tensor& t : v.toTensorVector()) all.push_back(t); }
    }
    void** list = new void*[all.size() + 1];
    for (size_t k = 0; k < all.size(); k++) list[k] = all[k].defined() ? own(all[k]) : nullptr;
    *out = list;
    *count = static_cast<int32_t>(all.size());
    return 0;)
}

API void it_free_list(void** list) { delete[] list; }
