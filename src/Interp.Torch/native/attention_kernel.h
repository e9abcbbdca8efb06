// The inner loops of attention.cpp for one element type and one width of vectors: included once for each, under REAL, BYTES and NAME.

typedef REAL NAME(Vector) __attribute__((vector_size(BYTES), aligned(alignof(REAL)), may_alias));

static inline REAL NAME(sum)(NAME(Vector) v) {
  REAL total = 0;
  for (int i = 0; i < BYTES / int(sizeof(REAL)); i++) total += v[i];
  return total;
}

// scores[j] = query · key j for `count` keys that stand `stride` apart, four at a time.
static inline void NAME(dots)(const REAL* query, const REAL* keys, int64_t stride, int64_t count, int64_t width, REAL* scores) {
  typedef NAME(Vector) V;
  constexpr int64_t W = BYTES / sizeof(REAL);
  const int64_t whole = width / W * W;
  int64_t j = 0;
  for (; j + 4 <= count; j += 4) {
    const REAL *a = keys + j * stride, *b = a + stride, *c = b + stride, *d = c + stride;
    V sa{}, sb{}, sc{}, sd{};
    for (int64_t i = 0; i < whole; i += W) {
      const V q = *reinterpret_cast<const V*>(query + i);
      sa += q * *reinterpret_cast<const V*>(a + i);
      sb += q * *reinterpret_cast<const V*>(b + i);
      sc += q * *reinterpret_cast<const V*>(c + i);
      sd += q * *reinterpret_cast<const V*>(d + i);
    }
    REAL ta = NAME(sum)(sa), tb = NAME(sum)(sb), tc = NAME(sum)(sc), td = NAME(sum)(sd);
    for (int64_t i = whole; i < width; i++) { ta += query[i] * a[i]; tb += query[i] * b[i]; tc += query[i] * c[i]; td += query[i] * d[i]; }
    scores[j] = ta; scores[j + 1] = tb; scores[j + 2] = tc; scores[j + 3] = td;
  }
  for (; j < count; j++) {
    const REAL* a = keys + j * stride;
    V s{};
    for (int64_t i = 0; i < whole; i += W) s += *reinterpret_cast<const V*>(query + i) * *reinterpret_cast<const V*>(a + i);
    REAL t = NAME(sum)(s);
    for (int64_t i = whole; i < width; i++) t += query[i] * a[i];
    scores[j] = t;
  }
}

// out += the sum of `count` values weighted, eight vectors of the width at a time.
static inline void NAME(mix)(const REAL* weights, const REAL* values, int64_t stride, int64_t count, int64_t width, REAL* out) {
  typedef NAME(Vector) V;
  constexpr int64_t W = BYTES / sizeof(REAL);
  int64_t i = 0;
  for (; i + 8 * W <= width; i += 8 * W) {
    V sums[8];
#pragma GCC unroll 8
    for (int n = 0; n < 8; n++) sums[n] = *reinterpret_cast<const V*>(out + i + n * W);
    for (int64_t j = 0; j < count; j++) {
      const REAL* v = values + j * stride + i;
      const REAL weight = weights[j];
#pragma GCC unroll 8
      for (int n = 0; n < 8; n++) sums[n] += weight * *reinterpret_cast<const V*>(v + n * W);
    }
#pragma GCC unroll 8
    for (int n = 0; n < 8; n++) *reinterpret_cast<V*>(out + i + n * W) = sums[n];
  }
  for (; i + W <= width; i += W) {
    V s = *reinterpret_cast<const V*>(out + i);
    for (int64_t j = 0; j < count; j++) s += weights[j] * *reinterpret_cast<const V*>(values + j * stride + i);
    *reinterpret_cast<V*>(out + i) = s;
  }
  for (; i < width; i++)
    for (int64_t j = 0; j < count; j++) out[i] += weights[j] * values[j * stride + i];
}

// Items from..to of Work: each one head of one row.
static void NAME(attend)(const Work<REAL>& w, const int64_t* items, int64_t count) {
  std::vector<REAL> scores(w.length);
  for (int64_t n = 0; n < count; n++) {
    const int64_t row = items[n] / w.heads, head = items[n] % w.heads, prompt = row % w.prompts, shared = head / (w.heads / w.shared);
    const REAL *keys = w.keys.at(prompt, 0, shared), *values = w.values.at(prompt, 0, shared);
    const REAL *own_keys = w.own_keys.at(row, 0, shared), *own_values = w.own_values.at(row, 0, shared);
    const REAL* bias = w.bias.data + (w.bias_heads == 1 ? 0 : head) * w.length * w.length;
    const int64_t end = w.start + w.own;  // the stretch of the row's own positions is start..end
    for (int64_t query = w.first; query < w.length; query++) {
      const REAL* q = query >= w.start && query < end ? w.own_queries.at(row, query - w.start, head) : w.queries.at(prompt, query, head);
      const int64_t seen = query + 1, before = std::min(w.start, seen), own = std::max<int64_t>(std::min(end, seen) - w.start, 0), after = std::max<int64_t>(seen - end, 0);
      NAME(dots)(q, keys, w.keys.pos, before, w.width, scores.data());
      NAME(dots)(q, own_keys, w.own_keys.pos, own, w.width, scores.data() + before);
      NAME(dots)(q, keys + end * w.keys.pos, w.keys.pos, after, w.width, scores.data() + end);
      const REAL* mask = bias + query * w.length;
      REAL most = -std::numeric_limits<REAL>::infinity(), total = 0;
      for (int64_t j = 0; j < seen; j++) {
        scores[j] = scores[j] * w.scale;
        if (w.cap > 0) scores[j] = std::tanh(scores[j] / w.cap) * w.cap;
        scores[j] += mask[j];
        most = std::max(most, scores[j]);
      }
      for (int64_t j = 0; j < seen; j++) total += scores[j] = std::exp(scores[j] - most);
      for (int64_t j = 0; j < seen; j++) scores[j] /= total;
      REAL* out = w.out.at(row, query - w.first, head);
      std::fill_n(out, w.width, REAL(0));
      NAME(mix)(scores.data(), values, w.values.pos, before, w.width, out);
      NAME(mix)(scores.data() + before, own_values, w.own_values.pos, own, w.width, out);
      NAME(mix)(scores.data() + end, values + end * w.values.pos, w.values.pos, after, w.width, out);
    }
  }
}
