using Interp.Native;

namespace TorchSharp;

public static partial class torch
{
    // Random numbers in place.
    public partial class Tensor
    {
        private static readonly Op s_bernoulli = new("aten::bernoulli");
        public Tensor bernoulli(Generator? generator = null) => s_bernoulli.Call(this, generator);

        private static readonly Op s_bernoulli__float = new("aten::bernoulli_", "float");
        public Tensor bernoulli_(double p = 0.5, Generator? generator = null) => s_bernoulli__float.InPlace(this, this, p, generator);

        private static readonly Op s_bernoulli__Tensor = new("aten::bernoulli_", "Tensor");
        public Tensor bernoulli_(Tensor p, Generator? generator = null) => s_bernoulli__Tensor.InPlace(this, this, p, generator);

        private static readonly Op s_binomial = new("aten::binomial");
        public Tensor binomial(Tensor prob, Generator? generator = null) => s_binomial.Call(this, prob, generator);

        private static readonly Op s_cauchy_ = new("aten::cauchy_");
        public Tensor cauchy_(double median = 0, double sigma = 1, Generator? generator = null) =>
            s_cauchy_.InPlace(this, this, median, sigma, generator);

        private static readonly Op s_exponential_ = new("aten::exponential_");
        public Tensor exponential_(double lambda = 1, Generator? generator = null) =>
            s_exponential_.InPlace(this, this, lambda, generator);

        private static readonly Op s_geometric_ = new("aten::geometric_");
        public Tensor geometric_(double p, Generator? generator = null) => s_geometric_.InPlace(this, this, p, generator);

        private static readonly Op s_log_normal_ = new("aten::log_normal_");
        public Tensor log_normal_(double mean = 0, double std = 1, Generator? generator = null) =>
            s_log_normal_.InPlace(this, this, mean, std, generator);

        private static readonly Op s_multinomial = new("aten::multinomial");
        public Tensor multinomial(long num_samples, bool replacement = false, Generator? generator = null) =>
            s_multinomial.Call(this, num_samples, replacement, generator);

        private static readonly Op s_normal_ = new("aten::normal_");
        public Tensor normal_(double mean = 0, double std = 1, Generator? generator = null) =>
            s_normal_.InPlace(this, this, mean, std, generator);

        private static readonly Op s_poisson = new("aten::poisson");
        public Tensor poisson(Generator? generator = null) => s_poisson.Call(this, generator);

        private static readonly Op s_random__from = new("aten::random_", "from");
        public Tensor random_(double from, double to, Generator? generator = null) =>
            s_random__from.InPlace(this, this, (long)from, (long)to, generator);

        private static readonly Op s_uniform_ = new("aten::uniform_");
        public Tensor uniform_(double from, double to, Generator? generator = null) =>
            s_uniform_.InPlace(this, this, from, to, generator);
    }
}
