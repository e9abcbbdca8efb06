// Causal attention of many rows that share their prompt's queries, keys and values but for a stretch of positions of their own. In libtorch's
// operators each row would need copies of what it shares, and thousands of products that are smaller than the call that makes them.
#include "shim.h"
#include <ATen/TensorIterator.h>
#include <cmath>
#include <limits>

namespace interp {

// [row or prompt, pos, head, width], the last axis dense; strides in elements.
template <class T> struct Rows {
  T* data;
  int64_t row, pos, head;
  T* at(int64_t r, int64_t p, int64_t h) const { return data + r * row + p * pos + h * head; }
};

template <class T> struct Work {
  Rows<const T> queries, keys, values, own_queries, own_keys, own_values;
  Rows<T> out;
  struct { const T* data; } bias;  // [1 or head, length, length]
  int64_t bias_heads, prompts, length, heads, shared, width, start, own, first;
  T scale, cap;
};

#define NAME_AT(name, suffix) name##_##suffix
#define REAL float
#define BYTES 16
#define NAME(name) NAME_AT(name, f16)
#include "attention_kernel.h"
#undef REAL
#undef NAME
#define REAL double
#define NAME(name) NAME_AT(name, d16)
#include "attention_kernel.h"
#undef REAL
#undef NAME
#undef BYTES

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#define BYTES 32
#define REAL float
#define NAME(name) NAME_AT(name, f32)
#include "attention_kernel.h"
#undef REAL
#undef NAME
#define REAL double
#define NAME(name) NAME_AT(name, d32)
#include "attention_kernel.h"
#undef REAL
#undef NAME
#undef BYTES
#pragma GCC pop_options
static bool wide() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
#else
#define attend_f32 attend_f16
#define attend_d32 attend_d16
static bool wide() { return false; }
#endif

template <class T> static Rows<T> rows(const at::Tensor& t) {
  TORCH_CHECK(t.dim() == 4 && t.stride(3) == 1, "attention of shared rows: wanted [row, pos, head, width] with a dense last axis");
  return {static_cast<T*>(t.data_ptr()), t.stride(0), t.stride(1), t.stride(2)};
}

template <class T> static void attend(const at::Tensor* base, const at::Tensor* own, const at::Tensor& bias, int64_t start, double scale, double cap, const at::Tensor& out,
                                      void (*kernel)(const Work<T>&, const int64_t*, int64_t)) {
  Work<T> w;
  w.queries = rows<const T>(base[0]); w.keys = rows<const T>(base[1]); w.values = rows<const T>(base[2]);
  w.own_queries = rows<const T>(own[0]); w.own_keys = rows<const T>(own[1]); w.own_values = rows<const T>(own[2]);
  w.out = rows<T>(out);
  const at::Tensor mask = bias.contiguous();
  w.bias.data = static_cast<const T*>(mask.data_ptr());
  w.bias_heads = mask.size(0);
  w.prompts = base[1].size(0); w.length = base[1].size(1); w.heads = out.size(2); w.shared = base[1].size(2); w.width = out.size(3);
  w.start = start; w.own = own[1].size(1); w.first = w.length - out.size(1);
  w.scale = static_cast<T>(scale); w.cap = static_cast<T>(cap);
  bool fits = w.start >= 0 && w.start + w.own <= w.length && w.first >= 0 && w.heads % w.shared == 0 && out.size(0) % w.prompts == 0
    && mask.dim() == 3 && (mask.size(0) == 1 || mask.size(0) == w.heads) && mask.size(1) == w.length && mask.size(2) == w.length;
  for (int i = 0; i < 3; i++)
    fits = fits && base[i].sizes() == at::IntArrayRef({w.prompts, w.length, i == 0 ? w.heads : w.shared, w.width})
      && own[i].sizes() == at::IntArrayRef({out.size(0), w.own, i == 0 ? w.heads : w.shared, w.width});
  TORCH_CHECK(fits, "attention of shared rows: shapes do not fit");
  // libtorch's own threads, which a TensorIterator reaches without a second OpenMP runtime.
  const at::Tensor items = at::arange(out.size(0) * w.heads, at::kLong);
  auto iterator = at::TensorIteratorConfig().check_all_same_dtype(false).resize_outputs(false).add_output(items).build();
  iterator.for_each([&](char** data, const int64_t* strides, int64_t n) { kernel(w, reinterpret_cast<const int64_t*>(data[0]), n); }, 4 * w.heads);
}

}  // namespace interp

using namespace interp;

// base and own: queries, keys and values. Base's [prompt, length, head or kv_head, width]; own's [row, positions, .., width], at `start` and
// on, row r of prompt r modulo their number. out [row, queries, head, width]: the last so many positions.
API int32_t it_shared_attention(void* const* base, void* const* own, void* bias, int64_t start, double scale, double cap, void* out) {
  GUARD(-1,
    const at::Tensor shared[3] = {tensor(base[0]), tensor(base[1]), tensor(base[2])};
    const at::Tensor changed[3] = {tensor(own[0]), tensor(own[1]), tensor(own[2])};
    const at::Tensor& result = tensor(out);
    for (const at::Tensor& t : {shared[0], shared[1], shared[2], changed[0], changed[1], changed[2], tensor(bias)})
      TORCH_CHECK(t.scalar_type() == result.scalar_type() && t.device().is_cpu(), "attention of shared rows: one type of element, on the CPU");
    if (result.numel() == 0) return 0;
    if (result.scalar_type() == at::kFloat) attend<float>(shared, changed, tensor(bias), start, scale, cap, result, wide() ? attend_f32 : attend_f16);
    else if (result.scalar_type() == at::kDouble) attend<double>(shared, changed, tensor(bias), start, scale, cap, result, wide() ? attend_d32 : attend_d16);
    else TORCH_CHECK(false, "attention of shared rows: float32 or float64");
    return 0;)
}
