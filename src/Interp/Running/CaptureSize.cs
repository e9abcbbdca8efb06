namespace Interp;

using Interp.Extending;

/// <summary>How many bytes a plan's captures will take, computed from the model's description.</summary>
internal static class CaptureSize
{
    public static long Bytes(RunPlan plan)
    {
        var element = Size(plan.Model.Dtype);
        var total = 0L;
        foreach (var unit in plan.Captures)
            foreach (var name in HookBinding.Names(plan.Model, unit))
                total += Elements(plan, unit, name) * element;
        return total;
    }

    /// <summary>The length of a named axis of a model's activations.</summary>
    /// <exception cref="InvalidOperationException">Only the component that emits it knows.</exception>
    public static long AxisLength(HookedTransformer model, RunInput input, int past, string axis, HookName? at = null)
    {
        var config = model.Config;
        return axis switch
        {
            "batch" => input.Batch,
            "pos" or "query" => input.Length,
            "key" => input.Length + past,
            "head" => config.Heads,
            "kv_head" => config.KvHeads,
            "d_head" => config.DHead,
            "d_model" => config.DModel,
            "d_mlp" => config.DMlp,
            "d_vocab" => config.VocabOut,
            "expert" => config.Experts,
            "choice" => config.ExpertsPerToken,
            "one" => 1,
            _ => (at is { } name ? OwnLength(model, name, axis) : null) ?? throw new InvalidOperationException($"The length of axis '{axis}' is known only to the component that emits it: run once and read the cache's Bytes."),
        };
    }

    private static long? OwnLength(HookedTransformer model, HookName at, string axis)
    {
        var here = at.Layer >= 0 ? model.Splices.Where(s => s.Key.Layer == at.Layer).Select(s => (object?)s.Value).Append(model.Blocks[at.Layer].Mlp) : [];
        return here.OfType<IOwnAxes>().Select(component => component.Length(at.Site, axis)).FirstOrDefault(length => length is not null);
    }

    private static long Elements(RunPlan plan, Unit unit, HookName name)
    {
        var elements = (long)Math.Max(plan.VariantList.Length, 1);
        foreach (var axis in name.Site.Axes)
        {
            var length = AxisLength(plan.Model, plan.Input, plan.PastKeysValues?.Length ?? 0, axis, name);
            var places = unit.Along(axis);
            elements *= places.IsAll ? length : places.IsOfText ? plan.Input.Columns(places)[0].Length : places.Resolve((int)length, axis).Length;
        }
        return elements;
    }

    /// <summary>Bytes of one number.</summary>
    internal static int ElementSize(TorchSharp.torch.ScalarType dtype) => Size(dtype);

    private static int Size(TorchSharp.torch.ScalarType dtype) => dtype switch
    {
        TorchSharp.torch.ScalarType.Float64 => 8,
        TorchSharp.torch.ScalarType.Float32 => 4,
        _ => 2,
    };
}
