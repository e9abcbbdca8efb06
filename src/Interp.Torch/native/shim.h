// The C face of libtorch that Interp.Torch binds to. Every exported function catches every C++ exception: it reports failure by its
// return value and leaves the text for it_last_error.
#pragma once
#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/stack.h>
#include <torch/version.h>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#define API extern "C" __attribute__((visibility("default")))

namespace interp {

// c10::optional became std::optional in 2.x.
#if TORCH_VERSION_MAJOR < 2
template <class T> using Opt = c10::optional<T>;
#else
template <class T> using Opt = std::optional<T>;
#endif

// One argument, laid out as the managed Arg: the first word keeps the managed owner alive and is not for us.
struct Arg {
  void* owner;
  union { int64_t i; double d; void* p; };
  int32_t tag;
  int32_t len;
};

enum Tag : int32_t { None = 0, Tensor, Int, Double, Bool, Str, Ints, Tensors, OptTensors, Doubles, Device, Gen, Default };

void set_error(const char* text);

inline at::Tensor& tensor(void* handle) {
  TORCH_CHECK(handle != nullptr, "Tensor invalid -- empty handle");
  return *static_cast<at::Tensor*>(handle);
}

inline void* own(at::Tensor t) { return new at::Tensor(std::move(t)); }

}  // namespace interp

#define GUARD(failed, ...)                                                                       \
  try { __VA_ARGS__ }                                                                            \
  catch (const c10::Error& e) { interp::set_error(e.what_without_backtrace()); return failed; }  \
  catch (const std::exception& e) { interp::set_error(e.what()); return failed; }                \
  catch (...) { interp::set_error("unknown native exception"); return failed; }
