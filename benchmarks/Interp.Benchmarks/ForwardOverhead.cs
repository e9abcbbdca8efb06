namespace Interp.Benchmarks;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>A forward pass with nothing captured, against the same operators called by hand and in Python, turn by turn.</summary>
internal static class ForwardOverhead
{
    private const double Limit = 1.05;

    public static void Run(string[] arguments)
    {
        using var model = SmallGpt.Model();
        using var python = PythonPeer.Start("bare_torch.py");
        if (python is not null)
            Console.WriteLine($"peer: {python.Report}");
        foreach (var (batch, positions, repetitions) in new[] { (8, 64, 15), (1, 64, 41) })
            Measure(model, python, batch, positions, arguments.Length > 0 ? int.Parse(arguments[0]) : repetitions);
    }

    private static void Measure(HookedTransformer model, PythonPeer? python, int batch, int positions, int repetitions)
    {
        var input = SmallGpt.Tokens(batch, positions, seed: 0);
        using var tokens = input.TokenTensor(CPU);
        var byHand = new ForwardByHand(model.Weights, model.Config);
        Check(model, input, byHand, tokens);
        List<Func<double>> ways =
        [
            () => Timing.Of(() => model.On(input).Logits().Dispose()),
            () => Timing.Of(() => byHand.Forward(tokens).Dispose()),
        ];
        if (python is not null)
            ways.Add(() => python.Ask($"forward {batch}x{positions}"));
        var times = Timing.Alternate(repetitions, [.. ways]);
        var shape = $"{batch} x {positions}";
        var flops = batch * positions * (SmallGpt.BlockFlops + SmallGpt.UnembeddingFlops) / 1e9;
        var own = Timing.Median(times[0]);
        Console.WriteLine($"{shape}: Interp {own:f1} ms ({flops / own * 1e3:f0} GFLOP/s), {repetitions} repetitions");
        Report("forward-by-hand", shape, "by hand", times[0], times[1]);
        if (python is not null)
            Report("forward-python", shape, "Python", times[0], times[2]);
    }

    private static void Report(string row, string shape, string peer, double[] own, double[] other)
    {
        var ratio = Timing.Median(own) / Timing.Median(other);
        var text = $"{shape}: {ratio:f3} times {peer} ({Timing.Median(own):f1} against {Timing.Median(other):f1} ms, medians of {own.Length})";
        Console.WriteLine($"  {text}{(ratio <= Limit ? "" : $"; wanted at most {Limit}")}");
        Evidence.Record(row, ratio <= Limit, text);
    }

    private static void Check(HookedTransformer model, RunInput input, ForwardByHand byHand, Tensor tokens)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var (own, other) = (model.On(input).Logits(), byHand.Forward(tokens));
        var difference = ((own - other).abs().max() / other.abs().max()).ToDouble();
        if (!(difference < 1e-5))
            throw new InvalidOperationException($"The two forward passes differ by {difference:g3} of the largest logit: they are not the same operators.");
    }
}
