namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Activations of prompts as rows, one for each prompt: the mean over the positions meant.</summary>
internal static class PooledActivations
{
    public static Dictionary<HookName, Tensor> Read(RunPlan plan, Unit unit, int batchSize, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        RequireRows(unit);
        using var scope = NewDisposeScope();
        var (places, everywhere) = (unit.Along("pos"), unit.Along("pos", Indices.All));
        Dictionary<HookName, List<Tensor>> parts = [];
        for (var start = 0; start < plan.Input.Batch; start += batchSize)
        {
            var input = plan.Input.Slice(start, Math.Min(batchSize, plan.Input.Batch - start));
            using var run = (plan with { Input = input, Captures = [everywhere] }).WithoutLogits().Run(cancellation);
            var weights = Weights(input, places, plan.Model.Device); // [batch, pos]
            foreach (var (name, values) in run.Cache)
            {
                if (!parts.TryGetValue(name, out var list))
                    parts[name] = list = [];
                list.Add(weights.unsqueeze(1).matmul(values.to(ScalarType.Float64)).squeeze(1)); // [batch, width]
            }
        }
        return parts.ToDictionary(part => part.Key, part => cat(part.Value, 0).MoveToOuterDisposeScope());
    }

    // One over the number of places meant, at those places.
    private static Tensor Weights(RunInput input, Indices places, Device device)
    {
        var weights = new double[input.Batch * input.Length];
        var columns = places.IsAll ? null : input.Columns(places);
        for (var row = 0; row < input.Batch; row++)
        {
            int[] meant = columns?[row] ?? [.. Enumerable.Range(0, input.Length).Where(i => input.Mask is not { } mask || mask[row][i])];
            if (meant.Length == 0)
                throw new InvalidOperationException($"{places} selects nothing in row {row}.");
            foreach (var column in meant)
                weights[row * input.Length + column] += 1.0 / meant.Length;
        }
        return tensor(weights, [input.Batch, input.Length], device: device);
    }

    private static void RequireRows(Unit unit)
    {
        var kept = unit.Site.Axes.Where(axis => !unit.Along(axis).IsSingle || axis == "pos").ToArray();
        if (kept is not ["batch", "pos", _])
            throw new ArgumentException($"{unit} is [{string.Join(", ", kept)}] here; a direction needs one row for each position: a site like ResidPost, or one head of Z.", nameof(unit));
    }
}
