// A CPU allocator that keeps freed blocks by size class. Without one, temporaries of a few MB go back to the kernel at every free and are
// faulted in again at every allocation.
#include "shim.h"
#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <malloc.h>
#include <unistd.h>
#include <atomic>
#include <cstdlib>
#include <mutex>

namespace interp {

struct Header { uint64_t magic; size_t asked; int32_t bin; Header* next; };
static constexpr uint64_t kMagic = 0x696e746572707463ull;
static constexpr size_t kHeader = 64;
static constexpr int kBins = 4 * 48;

static std::mutex gate;
static Header* bins[kBins];
static size_t cached = 0;
static size_t cap = 0;
static std::atomic<int64_t> live{0}, live_blocks{0}, peak{0}, since_check{0}, hits{0}, misses{0};
std::atomic<int64_t> gc_step{512ll << 20};
// Read by managed code after each call: set when that many bytes were newly held since it was last cleared.
int32_t gc_wanted = 0;

// Four classes to a power of two, from 64 bytes; a waste of at most a quarter.
static int bin_of(size_t n, size_t* size) {
  if (n < 64) n = 64;
  int e = 63 - __builtin_clzll(n);
  size_t base = size_t(1) << e;
  if (n == base) { *size = base; return (e - 6) * 4; }
  size_t quarter = base >> 2;
  size_t q = (n - base + quarter - 1) / quarter;
  *size = base + q * quarter;
  return (e - 6) * 4 + static_cast<int>(q);
}

static size_t empty_locked() {
  size_t freed = 0;
  for (auto& b : bins) {
    while (b) { Header* h = b; b = h->next; free(h); }
  }
  freed = cached;
  cached = 0;
  return freed;
}

static void make_room_locked(size_t need) {
  for (int k = kBins - 1; k >= 0 && cached + need > cap; k--) {
    size_t size = 0;
    while (bins[k] && cached + need > cap) {
      Header* h = bins[k];
      bins[k] = h->next;
      bin_of(h->asked, &size);
      cached -= size;
      free(h);
    }
  }
}

static void give(void* data) {
  if (!data) return;
  Header* h = reinterpret_cast<Header*>(static_cast<char*>(data) - kHeader);
  size_t size;
  int bin = bin_of(h->asked, &size);
  live.fetch_sub(static_cast<int64_t>(h->asked), std::memory_order_relaxed);
  live_blocks.fetch_sub(1, std::memory_order_relaxed);
  {
    std::lock_guard<std::mutex> hold(gate);
    if (size <= cap / 2) {
      if (cached + size > cap) make_room_locked(size);
      h->next = bins[bin];
      bins[bin] = h;
      cached += size;
      return;
    }
  }
  free(h);
}

static Header* take(int bin, size_t size) {
  std::lock_guard<std::mutex> hold(gate);
  Header* h = bins[bin];
  if (!h) return nullptr;
  bins[bin] = h->next;
  cached -= size;
  return h;
}

static Header* obtain(int bin, size_t size, size_t asked) {
  if (Header* h = take(bin, size)) { hits.fetch_add(1, std::memory_order_relaxed); return h; }
  misses.fetch_add(1, std::memory_order_relaxed);
  void* raw = nullptr;
  if (posix_memalign(&raw, 64, size + kHeader) == 0) return static_cast<Header*>(raw);
  { std::lock_guard<std::mutex> hold(gate); empty_locked(); }
  malloc_trim(0);
  TORCH_CHECK(posix_memalign(&raw, 64, size + kHeader) == 0, "CPU out of memory: cannot allocate ", asked, " bytes, ", live.load(), " held by tensors");
  return static_cast<Header*>(raw);
}

struct CachingAllocator final : c10::Allocator {
  c10::DataPtr get(size_t n) const {
    c10::Device cpu(c10::DeviceType::CPU);
    if (n == 0) return {nullptr, nullptr, &give, cpu};
    TORCH_CHECK(n < (size_t(1) << 46), "CPU out of memory: cannot allocate ", n, " bytes");
    size_t size;
    int bin = bin_of(n, &size);
    Header* h = obtain(bin, size, n);
    h->magic = kMagic;
    h->asked = n;
    h->bin = bin;
    int64_t now = live.fetch_add(static_cast<int64_t>(n), std::memory_order_relaxed) + static_cast<int64_t>(n);
    live_blocks.fetch_add(1, std::memory_order_relaxed);
    if (now > peak.load(std::memory_order_relaxed)) peak.store(now, std::memory_order_relaxed);
    if (now > since_check.load(std::memory_order_relaxed)) gc_wanted = 1;
    // Data and context are the same pointer: oneDNN asks for bare memory (raw_allocate), which libtorch grants only then.
    void* data = reinterpret_cast<char*>(h) + kHeader;
    return {data, data, &give, cpu};
  }
  c10::DeleterFnPtr raw_deleter() const { return &give; }
  // Both shapes of the virtual functions that libtorch had between 1.13 and 2.11; the one that is not virtual there is unused.
  c10::DataPtr allocate(size_t n) const { return get(n); }
  c10::DataPtr allocate(size_t n) { return get(n); }
  void copy_data(void* to, const void* from, std::size_t n) const { std::memcpy(to, from, n); }
};

static CachingAllocator allocator;

}  // namespace interp

using namespace interp;

API int32_t it_install_allocator(int64_t cap_bytes) {
  GUARD(-1,
    int64_t memory = static_cast<int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE);
    cap = cap_bytes >= 0 ? static_cast<size_t>(cap_bytes) : static_cast<size_t>(std::min<int64_t>(std::max<int64_t>(memory / 8, 256ll << 20), 4ll << 30));
    since_check = gc_step.load();
    c10::SetCPUAllocator(&allocator, 20);
    return 0;)
}

API int32_t* it_gc_flag() { return &gc_wanted; }
// After a collection (or instead of one): ask again when `step` more bytes are held than now.
API void it_gc_rearm(int64_t step) { since_check = live.load() + step; gc_wanted = 0; }

enum Stat : int32_t { Live = 0, Blocks, Peak, Cached, Cap, Hits, Misses };
API int64_t it_allocator_stat(int32_t what) {
  switch (what) {
    case Live: return live.load();
    case Blocks: return live_blocks.load();
    case Peak: return peak.load();
    case Cached: { std::lock_guard<std::mutex> hold(gate); return static_cast<int64_t>(cached); }
    case Cap: return static_cast<int64_t>(cap);
    case Hits: return hits.load();
    case Misses: return misses.load();
  }
  return -1;
}
API void it_reset_peak() { peak = live.load(); }
API int64_t it_empty_cache() {
  size_t freed;
  { std::lock_guard<std::mutex> hold(gate); freed = empty_locked(); }
  malloc_trim(0);
  return static_cast<int64_t>(freed);
}
