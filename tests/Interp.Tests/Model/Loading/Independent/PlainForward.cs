namespace Interp.Tests.Model.Loading.Independent;

/// <summary>Forward passes of published architectures in plain loops over doubles; nothing of the library is used.</summary>
/// <remarks>Sources: Touvron et al. 2023 (Llama), Biderman et al. 2023 and Black et al. 2022 (Pythia, GPT-NeoX), Su et al. 2021 (rotary).</remarks>
internal sealed class PlainForward(IReadOnlyDictionary<string, float[]> weights)
{
    public required int Layers { get; init; }

    public required int Width { get; init; }

    public required int Heads { get; init; }

    public required int KvHeads { get; init; }

    public required int HeadWidth { get; init; }

    /// <summary>How many dimensions of a head turn.</summary>
    public required int Turning { get; init; }

    /// <summary>How fast each pair turns, in radians a position.</summary>
    public required Func<int, double> Frequency { get; init; }

    /// <summary>What cosine and sine are multiplied with.</summary>
    public double Amplitude { get; init; } = 1;

    /// <summary>How far back a layer sees; 0 for all.</summary>
    public Func<int, int> Window { get; init; } = _ => 0;

    public double Epsilon { get; init; } = 1e-6;

    /// <summary>Logits [pos][vocabulary] of Llama and what has its form.</summary>
    public double[][] Llama(int[] tokens, bool tied)
    {
        var stream = tokens.Select(token => Row("model.embed_tokens.weight", token)).ToArray();
        for (var layer = 0; layer < Layers; layer++)
        {
            var p = $"model.layers.{layer}.";
            var normed = stream.Select(x => Rms(x, p + "input_layernorm.weight")).ToArray();
            var (q, k, v) = (All(normed, p + "self_attn.q_proj"), All(normed, p + "self_attn.k_proj"), All(normed, p + "self_attn.v_proj"));
            Add(stream, All(Attend(q, k, v, Window(layer)), p + "self_attn.o_proj"));
            normed = [.. stream.Select(x => Rms(x, p + "post_attention_layernorm.weight"))];
            var (gate, up) = (All(normed, p + "mlp.gate_proj"), All(normed, p + "mlp.up_proj"));
            var hidden = gate.Select((row, t) => row.Select((g, i) => g / (1 + Math.Exp(-g)) * up[t][i]).ToArray()).ToArray();
            Add(stream, All(hidden, p + "mlp.down_proj"));
        }
        var ends = stream.Select(x => Rms(x, "model.norm.weight")).ToArray();
        return All(ends, tied ? "model.embed_tokens" : "lm_head");
    }

    /// <summary>Logits [pos][vocabulary] of GPT-NeoX; Pythia reads attention and MLP from the same stream.</summary>
    public double[][] NeoX(int[] tokens, bool parallel)
    {
        var stream = tokens.Select(token => Row("gpt_neox.embed_in.weight", token)).ToArray();
        for (var layer = 0; layer < Layers; layer++)
        {
            var p = $"gpt_neox.layers.{layer}.";
            var before = stream.Select(x => x.ToArray()).ToArray();
            var joined = All([.. stream.Select(x => LayerNorm(x, p + "input_layernorm"))], p + "attention.query_key_value");
            // Each head's rows hold its query, its key, its value.
            double[][] Part(int which) => [.. joined.Select(row => Enumerable.Range(0, Heads).SelectMany(head => row[((head * 3 + which) * HeadWidth)..((head * 3 + which + 1) * HeadWidth)]).ToArray())];
            Add(stream, All(Attend(Part(0), Part(1), Part(2), 0), p + "attention.dense"));
            var read = parallel ? before : stream;
            var hidden = All([.. read.Select(x => LayerNorm(x, p + "post_attention_layernorm"))], p + "mlp.dense_h_to_4h").Select(row => row.Select(Gelu).ToArray()).ToArray();
            Add(stream, All(hidden, p + "mlp.dense_4h_to_h"));
        }
        return All([.. stream.Select(x => LayerNorm(x, "gpt_neox.final_layer_norm"))], "embed_out");
    }

    private double[][] Attend(double[][] q, double[][] k, double[][] v, int window)
    {
        var mixed = q.Select(_ => new double[Heads * HeadWidth]).ToArray();
        for (var head = 0; head < Heads; head++)
        {
            var group = head / (Heads / KvHeads);
            for (var to = 0; to < q.Length; to++)
            {
                var first = window > 0 ? Math.Max(0, to - window + 1) : 0;
                var query = Turned(q[to], head, to);
                var scores = Enumerable.Range(first, to - first + 1).Select(from => Dot(query, Turned(k[from], group, from)) / Math.Sqrt(HeadWidth)).ToArray();
                var top = scores.Max();
                var sum = scores.Sum(s => Math.Exp(s - top));
                for (var i = 0; i < HeadWidth; i++)
                    for (var from = first; from <= to; from++)
                        mixed[to][head * HeadWidth + i] += Math.Exp(scores[from - first] - top) / sum * v[from][group * HeadWidth + i];
            }
        }
        return mixed;
    }

    // The first half of the turning dimensions is the real part, the second the imaginary one.
    private double[] Turned(double[] row, int head, int position)
    {
        var x = row[(head * HeadWidth)..((head + 1) * HeadWidth)];
        var turned = x.ToArray();
        for (var pair = 0; pair < Turning / 2; pair++)
        {
            var (cos, sin) = (Amplitude * Math.Cos(position * Frequency(pair)), Amplitude * Math.Sin(position * Frequency(pair)));
            (turned[pair], turned[pair + Turning / 2]) = (x[pair] * cos - x[pair + Turning / 2] * sin, x[pair + Turning / 2] * cos + x[pair] * sin);
        }
        return turned;
    }

    private double[][] All(double[][] rows, string matrix) => [.. rows.Select(row => Linear(row, matrix))];

    private double[] Linear(double[] x, string name)
    {
        var matrix = weights[name + ".weight"];
        var bias = weights.GetValueOrDefault(name + ".bias");
        var y = new double[matrix.Length / x.Length];
        for (var o = 0; o < y.Length; o++)
        {
            y[o] = bias?[o] ?? 0;
            for (var i = 0; i < x.Length; i++)
                y[o] += matrix[o * x.Length + i] * x[i];
        }
        return y;
    }

    private double[] Row(string name, int row) => [.. weights[name].AsSpan(row * Width, Width).ToArray().Select(x => (double)x)];

    private double[] Rms(double[] x, string gain)
    {
        var scale = Math.Sqrt(x.Sum(e => e * e) / x.Length + Epsilon);
        return [.. x.Select((e, i) => e / scale * weights[gain][i])];
    }

    private double[] LayerNorm(double[] x, string name)
    {
        var mean = x.Average();
        var scale = Math.Sqrt(x.Sum(e => (e - mean) * (e - mean)) / x.Length + Epsilon);
        return [.. x.Select((e, i) => (e - mean) / scale * weights[name + ".weight"][i] + weights[name + ".bias"][i])];
    }

    private static void Add(double[][] stream, double[][] more)
    {
        for (var t = 0; t < stream.Length; t++)
            for (var i = 0; i < stream[t].Length; i++)
                stream[t][i] += more[t][i];
    }

    private static double Dot(double[] x, double[] y) => x.Zip(y, (a, b) => a * b).Sum();

    // x Φ(x), with Φ by its series, which converges everywhere.
    private static double Gelu(double x)
    {
        var (term, sum) = (x, x);
        for (var n = 1; n < 300; n++)
        {
            term *= x * x / (2 * n + 1);
            sum += term;
        }
        return x * (0.5 + sum * Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI));
    }
}
