// What is no operator: metadata, memory, scalars out, generators.
#include "shim.h"
#include <ATen/CPUGeneratorImpl.h>
#include <atomic>

namespace interp { extern std::atomic<int64_t> host_syncs; }
using namespace interp;

API void it_free(void* t) { try { delete static_cast<at::Tensor*>(t); } catch (...) { } }
API void* it_alias(void* t) { GUARD(nullptr, return own(tensor(t));) }

enum Field : int32_t { Dtype = 0, Dim, Numel, DeviceType, DeviceIndex, RequiresGrad, IsLeaf, IsContiguous, StorageOffset, ElementSize,
  Defined, IsConj, IsNeg, IsPinned, IsInference, StorageBytes, Version };

API int64_t it_field(void* t, int32_t what) {
  GUARD(INT64_MIN,
    const at::Tensor& x = tensor(t);
    switch (what) {
      case Dtype: return static_cast<int64_t>(x.scalar_type());
      case Dim: return x.dim();
      case Numel: return x.numel();
      case DeviceType: return static_cast<int64_t>(x.device().type());
      case DeviceIndex: return x.device().index();
      case RequiresGrad: return x.requires_grad();
      case IsLeaf: return x.is_leaf();
      case IsContiguous: return x.is_contiguous();
      case StorageOffset: return x.storage_offset();
      case ElementSize: return static_cast<int64_t>(x.element_size());
      case Defined: return x.defined();
      case IsConj: return x.is_conj();
      case IsNeg: return x.is_neg();
      case IsPinned: return x.is_pinned();
      case IsInference: return x.is_inference();
      case StorageBytes: return static_cast<int64_t>(x.storage().nbytes());
      case Version: return x.is_inference() ? 0 : x._version();
    }
    TORCH_CHECK(false, "bad field ", what);)
}

API int32_t it_sizes(void* t, int64_t* out, int32_t cap) {
  GUARD(-1,
    auto s = tensor(t).sizes();
    for (size_t k = 0; k < s.size() && static_cast<int32_t>(k) < cap; k++) out[k] = s[k];
    return static_cast<int32_t>(s.size());)
}

API int32_t it_strides(void* t, int64_t* out, int32_t cap) {
  GUARD(-1,
    auto s = tensor(t).strides();
    for (size_t k = 0; k < s.size() && static_cast<int32_t>(k) < cap; k++) out[k] = s[k];
    return static_cast<int32_t>(s.size());)
}

// The first element's address; null with an empty error text for an empty tensor.
API void* it_data(void* t) { set_error(""); GUARD(nullptr, return tensor(t).data_ptr();) }

API int32_t it_item(void* t, int32_t* tag, int64_t* i, double* d, double* imaginary) {
  GUARD(-1,
    if (tensor(t).is_cuda()) host_syncs++;
    c10::Scalar s = tensor(t).item();
    if (s.isBoolean()) { *tag = Bool; *i = s.toBool(); *d = static_cast<double>(*i); }
    else if (s.isIntegral(false)) { *tag = Int; *i = s.toLong(); *d = static_cast<double>(*i); }
    else if (s.isComplex()) { *tag = Str; auto z = s.toComplexDouble(); *d = z.real(); *imaginary = z.imag(); }
    else { *tag = Double; *d = s.toDouble(); }
    return 0;)
}

API int32_t it_set_requires_grad(void* t, int32_t on) { GUARD(-1, tensor(t).requires_grad_(on != 0); return 0;) }

API void* it_generator(uint64_t seed) { GUARD(nullptr, return new at::Generator(at::make_generator<at::CPUGeneratorImpl>(seed));) }
API void* it_default_generator() { GUARD(nullptr, return new at::Generator(at::detail::getDefaultCPUGenerator());) }
API void it_free_generator(void* g) { try { delete static_cast<at::Generator*>(g); } catch (...) { } }

API int32_t it_generator_seed(void* g, int64_t seed) {
  GUARD(-1,
    auto& gen = *static_cast<at::Generator*>(g);
    std::lock_guard<std::mutex> hold(gen.mutex());
    gen.set_current_seed(static_cast<uint64_t>(seed));
    return 0;)
}

API int32_t it_generator_initial_seed(void* g, int64_t* out) {
  GUARD(-1, *out = static_cast<int64_t>(static_cast<at::Generator*>(g)->current_seed()); return 0;)
}

API int32_t it_generator_random_seed(void* g, int64_t* out) {
  GUARD(-1,
    auto& gen = *static_cast<at::Generator*>(g);
    std::lock_guard<std::mutex> hold(gen.mutex());
    *out = static_cast<int64_t>(gen.seed());
    return 0;)
}

API void* it_generator_state(void* g) {
  GUARD(nullptr,
    auto& gen = *static_cast<at::Generator*>(g);
    std::lock_guard<std::mutex> hold(gen.mutex());
    return own(gen.get_state());)
}

API int32_t it_generator_set_state(void* g, void* state) {
  GUARD(-1,
    auto& gen = *static_cast<at::Generator*>(g);
    std::lock_guard<std::mutex> hold(gen.mutex());
    gen.set_state(tensor(state));
    return 0;)
}

API int32_t it_manual_seed(int64_t seed) { GUARD(-1, at::manual_seed(static_cast<uint64_t>(seed)); return 0;) }

API int32_t it_promote(int32_t a, int32_t b) {
  GUARD(-1, return static_cast<int32_t>(c10::promoteTypes(static_cast<at::ScalarType>(a), static_cast<at::ScalarType>(b)));)
}
API int32_t it_can_cast(int32_t from, int32_t to) {
  GUARD(-1, return c10::canCast(static_cast<at::ScalarType>(from), static_cast<at::ScalarType>(to));)
}
