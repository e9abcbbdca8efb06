// The process as libtorch sees it: version, threads, devices.
#include "shim.h"
#include <ATen/Parallel.h>
#include <torch/cuda.h>

using namespace interp;

static thread_local std::string text;

API int32_t it_abi() { return _GLIBCXX_USE_CXX11_ABI; }
API const char* it_version() { return TORCH_VERSION; }
API const char* it_show_config() { GUARD("", text = at::show_config(); return text.c_str();) }
API const char* it_parallel_info() { GUARD("", text = at::get_parallel_info(); return text.c_str();) }
API int32_t it_threads() { GUARD(-1, return at::get_num_threads();) }
API int32_t it_set_threads(int32_t n) { GUARD(-1, at::set_num_threads(n); return 0;) }
API int32_t it_interop_threads() { GUARD(-1, return at::get_num_interop_threads();) }
API int32_t it_set_interop_threads(int32_t n) { GUARD(-1, at::set_num_interop_threads(n); return 0;) }
API int32_t it_cuda_available() { GUARD(0, return torch::cuda::is_available();) }
API int32_t it_cudnn_available() { GUARD(0, return torch::cuda::cudnn_is_available();) }
API int32_t it_cuda_count() { GUARD(0, return static_cast<int32_t>(torch::cuda::device_count());) }
API int32_t it_cuda_seed(uint64_t seed) { GUARD(-1, torch::cuda::manual_seed(seed); return 0;) }
API int32_t it_cuda_seed_all(uint64_t seed) { GUARD(-1, torch::cuda::manual_seed_all(seed); return 0;) }
API int32_t it_cuda_synchronize(int64_t device) { GUARD(-1, torch::cuda::synchronize(device); return 0;) }
API int32_t it_allow_tf32(int32_t set) {
  GUARD(-1,
    auto& c = at::globalContext();
    if (set >= 0) { c.setAllowTF32CuBLAS(set != 0); c.setAllowTF32CuDNN(set != 0); }
    return c.allowTF32CuBLAS();)
}
