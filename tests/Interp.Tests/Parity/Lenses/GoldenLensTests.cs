namespace Interp.Tests.Parity.Lenses;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

/// <summary>Lenses, decompositions, direct logit attribution, circuits and composition scores equal TransformerLens's, array by array.</summary>
[Trait("Tier", "parity")]
public sealed class GoldenLensTests
{
    private const RowNorm TransformerLens = RowNorm.CachedScaleWithoutGain;

    public static TheoryData<string> Models => GoldenReading.Models;

    [SkippableTheory]
    [MemberData(nameof(Models))]
    public void Readings_EveryArrayOfTheFile_EqualTheReference(string name) =>
        GoldenReading.Compare(name, "lens and decompositions", (reading, compare) =>
        {
            using var run = reading.On("clean").CaptureAll().Run();
            var (group, names) = (reading.Group("lens"), reading.Golden.Names(reading.Group("lens")));
            foreach (var array in names)
                compare.Add(array, Ours(array, run, reading.Golden), reading.Golden.Values($"{group}/{array}"), reading.Tolerance);
            return names.Length;
        });

    [SkippableTheory]
    [MemberData(nameof(Models))]
    public void Scores_OfRepeatedTokens_EqualTheReference(string name) =>
        GoldenReading.Compare(name, "head scores", (reading, compare) =>
        {
            using var run = reading.On("repeated").Capture(Sites.Pattern).WithoutLogits().Run();
            void Add(string array, LabelledArray ours) =>
                compare.Add(array, ours.Values, reading.Golden.Values($"{reading.Group("run")}/{array}"), reading.Tolerance);
            Add("induction_score", run.Cache.InductionScores(8));
            Add("duplicate_score", run.Cache.DuplicateTokenScores(8));
            Add("prev_token_score", run.Cache.PreviousTokenScores());
            return 3;
        });

    [SkippableTheory]
    [MemberData(nameof(Models))]
    public void Labels_OfDecompositions_EqualTheReference(string name)
    {
        foreach (var reading in GoldenReading.Variants(name))
            using (reading)
            using (NewDisposeScope())
                CheckLabels(reading);
    }

    private static void CheckLabels(GoldenReading reading)
    {
        using var run = reading.On("clean").CaptureAll().Run();
        reading.Labels("accumulated_resid").ShouldBe(run.Cache.AccumulatedResidual().Labels);
        reading.Labels("stack_head_results").ShouldBe(run.Cache.StackHeadResults().Labels);
        // The reference lists shortformer positions, which are never added to the residual stream.
        var listed = reading.Labels("decompose_resid")!.Where(l => l != "pos_embed" || reading.Model.Config.Positions != PositionKind.Shortformer);
        run.Cache.DecomposeResidual().Labels.ShouldBe(listed);
        if (reading.Labels("accumulated_resid_mid") is { } mid)
            mid.ShouldBe(run.Cache.AccumulatedResidual(includeMid: true).Labels);
        if (reading.Labels("stack_neuron_results_0_5") is { } neurons)
            neurons.ShouldBe(run.Cache.StackNeuronResults(neurons: 0..5).Labels);
        if (reading.Labels("full_resid_decomposition") is { } full)
            full.ShouldBe(run.Cache.FullDecomposition().Labels);
    }

    private static double[] Ours(string array, Run run, GoldenFile golden)
    {
        using var scope = NewDisposeScope();
        if (array.Split('_') is [("OV" or "QK") and var circuit, .., var layer] && int.TryParse(layer, out var l))
            return Circuit(run.Model, circuit, array, l);
        return array.StartsWith("logit_lens", StringComparison.Ordinal) ? Lens(array, run, golden)
            : array.StartsWith("composition_", StringComparison.Ordinal) ? Composition(array, run.Model)
            : array.Contains("logit_", StringComparison.Ordinal) ? Attribution(array, run, golden)
            : array switch
            {
                "resid_directions" => GoldenCompare.Doubles(run.Model.ResidualDirections(tensor(
                    golden.Rows("tokens/answers").SelectMany(r => r).Select(t => (long)t).ToArray(), [4, 2]))),
                "accumulated_bias_final" => GoldenCompare.Doubles(run.Model.AccumulatedBias()),
                _ => GoldenCompare.Doubles(Stack(array, run).Values),
            };
    }

    private static ResidualStack Stack(string array, Run run)
    {
        var cache = run.Cache;
        var last = Position.Last;
        return array switch
        {
            "accumulated_resid" => cache.AccumulatedResidual(),
            "accumulated_resid_mid" => cache.AccumulatedResidual(includeMid: true),
            "accumulated_resid_ln" => cache.AccumulatedResidual(norm: RowNorm.Recomputed),
            "accumulated_resid_ln_mid" => cache.AccumulatedResidual(includeMid: true, norm: RowNorm.Recomputed),
            "apply_ln_to_stack_final" => cache.DecomposeResidual().ApplyNorm(TransformerLens),
            "apply_ln_to_stack_l1_attn" => Listed(cache, cache.DecomposeResidual(1, norm: TransformerLens)),
            "decompose_resid" => Listed(cache, cache.DecomposeResidual()),
            "decompose_resid_attn" => cache.DecomposeResidual(sublayers: Sublayers.Attention, includeEmbeddings: false),
            "decompose_resid_mlp" => cache.DecomposeResidual(sublayers: Sublayers.Mlp, includeEmbeddings: false),
            "decompose_resid_last_ln" => Listed(cache, cache.DecomposeResidual(norm: TransformerLens, positions: last)),
            "decompose_resid_layer1" => Listed(cache, cache.DecomposeResidual(1)),
            "decompose_resid_layer1_mlp_input_ln" => cache.DecomposeResidual(1, mlpInput: true, norm: TransformerLens),
            "full_resid_decomposition_last" => cache.FullDecomposition(positions: last),
            "full_resid_decomposition_noneurons_last_ln" => cache.FullDecomposition(expandNeurons: false, norm: TransformerLens, positions: last),
            "stack_head_results" => cache.StackHeadResults(),
            "stack_head_results_remainder_last" => cache.StackHeadResults(includeRemainder: true, positions: last),
            "stack_neuron_results_last_0_5" => cache.StackNeuronResults(neurons: 0..5, positions: last),
            _ => throw new NotSupportedException($"no counterpart of '{array}'"),
        };
    }

    // The reference lists shortformer positions among the parts of the stream, to which they are never added.
    private static ResidualStack Listed(ActivationCache cache, ResidualStack stack)
    {
        if (cache.Model.Config.Positions != PositionKind.Shortformer)
            return stack;
        var positions = cache["hook_pos_embed"].narrow(1, 11 - stack.Values.shape[2], stack.Values.shape[2]).unsqueeze(0);
        var values = cat([stack.Values.narrow(0, 0, 1), positions, stack.Values.narrow(0, 1, stack.Values.shape[0] - 1)], 0);
        return new ResidualStack(cache, values, ["embed", "pos_embed", .. stack.Labels.Skip(1)], stack.Norm, stack.Positions);
    }

    private static double[] Attribution(string array, Run run, GoldenFile golden)
    {
        var stack = array.Split('_')[0] switch
        {
            "decompose" => Listed(run.Cache, run.Cache.DecomposeResidual(positions: Position.Last)),
            "head" => run.Cache.StackHeadResults(positions: Position.Last),
            _ => run.Cache.FullDecomposition(positions: Position.Last),
        };
        var wrong = array.EndsWith("_diff", StringComparison.Ordinal) ? golden.Incorrect : null;
        return stack.LogitAttributions(golden.Correct, wrong, TransformerLens).Values.ToArray();
    }

    private static double[] Lens(string array, Run run, GoldenFile golden)
    {
        var layers = run.Model.Config.Layers;
        Interp.Unit[] rows = array.EndsWith("_mid", StringComparison.Ordinal) ? [Sites.ResidPre, Sites.ResidMid, Sites.ResidPost] : [Sites.ResidPre, Sites.ResidPost];
        using var own = (run.Plan with { Captures = [] }).Capture([.. rows, Sites.FinalScale]).Run();
        if (array.Contains("diff", StringComparison.Ordinal))
        {
            using var streams = own.Cache.AccumulatedResidual(includeMid: rows.Length == 3, positions: Position.Last);
            return streams.LogitAttributions(golden.Correct, golden.Incorrect, TransformerLens).Values.ToArray();
        }
        var cached = array.Contains("cachedscale", StringComparison.Ordinal);
        using var lens = cached ? own.LogitLensAtFinalScale(norm: TransformerLens) : own.LogitLens();
        lens.Labels.Count.ShouldBe(rows.Length == 3 ? 2 * layers + 1 : layers + 1);
        var logits = Uncapped(lens.Logits, run.Model.Config.LogitSoftCap);
        return GoldenCompare.Doubles(cached ? logits - run.Model.BU : logits); // with the cached scale, the reference leaves out b_U as well
    }

    // The reference's lens leaves out the soft cap c tanh(x / c): undone here.
    private static Tensor Uncapped(Tensor logits, double cap) => cap > 0 ? (logits / cap).atanh() * cap : logits;

    private static double[] Composition(string array, HookedTransformer model) => model.CompositionScores(array[^1] switch
    {
        'Q' => Interp.Composition.Query,
        'K' => Interp.Composition.Key,
        _ => Interp.Composition.Value,
    }).Values.ToArray();

    private static double[] Circuit(HookedTransformer model, string circuit, string array, int layer)
    {
        using var matrices = circuit == "OV" ? model.OV(layer) : model.QK(layer);
        return array.Contains("svals", StringComparison.Ordinal)
            ? [.. matrices.SingularValues().SelectMany(s => s)]
            : model.CopyingScores()["layer", layer].Values.ToArray();
    }
}
