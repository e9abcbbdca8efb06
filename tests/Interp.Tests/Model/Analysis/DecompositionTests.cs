namespace Interp.Tests.Model.Analysis;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

/// <summary>The parts of the residual stream sum to it, and their shares sum to the logits, on raw weights.</summary>
[Trait("Tier", "model")]
public sealed class DecompositionTests
{
    public static TheoryData<string> Configs => ["gpt2", "llama", "attn_only", "none", "shortformer", "parallel"];

    [Theory]
    [MemberData(nameof(Configs))]
    public void DecomposeResidual_AnyLayer_SumsToTheStream(string name)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(Config(name));
        using var run = Ran(model);
        foreach (var layer in Enumerable.Range(0, 4))
        {
            using var parts = run.Cache.DecomposeResidual(layer);
            Same(parts.Sum(), Stream(run, layer));
            using var full = run.Cache.FullDecomposition(layer);
            Same(full.Sum(), Stream(run, layer));
            using var coarse = run.Cache.FullDecomposition(layer, expandNeurons: false);
            Same(coarse.Sum(), Stream(run, layer));
            using var heads = run.Cache.StackHeadResults(layer, includeRemainder: true);
            Same(heads.Sum(), Stream(run, layer));
            using var neurons = run.Cache.StackNeuronResults(layer, 2..5, includeRemainder: true);
            Same(neurons.Sum(), Stream(run, layer));
        }
    }

    [Fact]
    public void DecomposeResidual_MlpInput_SumsToTheStreamBetweenAttentionAndMlp()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var run = Ran(model);
        using var parts = run.Cache.DecomposeResidual(1, mlpInput: true);
        parts.Labels.ShouldBe(["embed", "pos_embed", "0_attn_out", "0_mlp_out", "1_attn_out"]);
        Same(parts.Sum(), run.Cache["resid_mid", 1]);
        using var full = run.Cache.FullDecomposition(1, mlpInput: true);
        Same(full.Sum(), run.Cache["resid_mid", 1]);
        using var streams = run.Cache.AccumulatedResidual(1, mlpInput: true);
        streams.Labels.ShouldBe(["0_pre", "1_pre", "1_mid"]);
        Same(streams["1_mid"], run.Cache["resid_mid", 1]);
    }

    [Theory]
    [MemberData(nameof(Configs))]
    public void ApplyNorm_CachedScale_SumsToWhatTheReaderSaw(string name)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(Config(name));
        using var run = Ran(model);
        using var parts = run.Cache.DecomposeResidual();
        using var normed = parts.ApplyNorm();
        var bias = (model.FinalNorm as Norm)?.Weights?.Bias;
        Same(bias is null ? normed.Sum() : normed.Sum() + bias, run.Cache[Sites.UnembedIn]);
        using var direct = run.Cache.DecomposeResidual(norm: RowNorm.CachedScale);
        Same(direct.Values, normed.Values);
        Should.Throw<InvalidOperationException>(() => normed.ApplyNorm());
        if (name is "parallel" or "shortformer")
            return;
        using var before = run.Cache.DecomposeResidual(2, norm: RowNorm.CachedScale);
        var own = (model.Blocks[2].Norm1 as Norm)?.Weights?.Bias;
        Same(own is null ? before.Sum() : before.Sum() + own, run.Cache[Sites.AttnInput[2]]);
    }

    [Fact]
    public void AccumulatedResidual_Recomputed_IsWhatTheUnembeddingWouldSee()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var run = Ran(model);
        using var rows = run.Cache.AccumulatedResidual(includeMid: true, norm: RowNorm.Recomputed);
        using var lens = run.LogitLens();
        rows.Labels.ShouldBe(lens.Labels);
        Same(rows.Values.matmul(model.WU) + model.BU, lens.Logits);
    }

    [Theory]
    [MemberData(nameof(Configs))]
    public void LogitAttributions_CompleteDecomposition_SumToTheLogit(string name)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(Config(name));
        using var run = Ran(model);
        using var parts = run.Cache.FullDecomposition();
        int[] right = [3, 5], wrong = [4, 6];
        var constant = GoldenCompare.Doubles(model.LogitConstant(tensor(right.Select(t => (long)t).ToArray())));
        var logits = GoldenCompare.Doubles(run.Logits);
        var shares = parts.LogitAttributions(right);
        var difference = parts.LogitAttributions(right, wrong) - (shares - parts.LogitAttributions(wrong)).With("share of the logit difference");
        difference.Values.ToArray().ShouldAllBe(v => Math.Abs(v) < 1e-10);
        var one = parts.LogitAttributions(3);
        var sum = shares.Sum("component");
        for (var prompt = 0; prompt < 2; prompt++)
            for (var pos = 0; pos < 6; pos++)
                (sum[prompt, pos] + constant[prompt]).ShouldBe(logits[(prompt * 6 + pos) * 29 + right[prompt]], 1e-10);
        (one["prompt", 0] - shares["prompt", 0]).Values.ToArray().ShouldAllBe(v => Math.Abs(v) < 1e-12);
        var each = tensor(right.SelectMany(t => Enumerable.Repeat((long)t, 6)).ToArray(), [2, 6]);
        (parts.LogitAttributionsByPosition(each) - shares).Values.ToArray().ShouldAllBe(v => Math.Abs(v) < 1e-10);
    }

    [Theory]
    [InlineData(NormKind.LayerNorm, true)]
    [InlineData(NormKind.Rms, true)]
    [InlineData(NormKind.Rms, false)]
    public void FullDecomposition_ThroughPostNorms_SumsToTheStream(NormKind norm, bool preNorms)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2 with { Norm = norm, PostNorms = true, PreNorms = preNorms });
        using var run = Ran(model);
        var direction = randn(16, 1, dtype: ScalarType.Float64);
        foreach (var layer in Enumerable.Range(0, 4))
            foreach (var neurons in new[] { false, true })
            {
                using var parts = run.Cache.FullDecomposition(layer, expandNeurons: neurons, throughPostNorms: true);
                Same(parts.Sum(), Stream(run, layer));
                using var projected = run.Cache.FullDecomposition(layer, expandNeurons: neurons, projectOnto: direction, throughPostNorms: true);
                Same(projected.Values, parts.Values.matmul(direction));
                if (layer == 3)
                    continue;
                using var mid = run.Cache.FullDecomposition(layer, mlpInput: true, expandNeurons: neurons, throughPostNorms: true);
                Same(mid.Sum(), run.Cache["resid_mid", layer]);
            }
        using var before = run.Cache.FullDecomposition();
        (before.Sum() - Stream(run, 3)).abs().max().ToDouble().ShouldBeGreaterThan(0.1);
        // The scale is recomputed from what the norm read, where it was not captured.
        using var thin = model.On(run.Input).Capture(Sites.Z, Sites.MlpOut, Sites.Embed, Sites.PosEmbed, Sites.AttnOutRaw).Run();
        using var recomputed = thin.Cache.FullDecomposition(expandNeurons: false, throughPostNorms: true);
        Same(recomputed.Sum(), Stream(run, 3));
        using var missing = model.On(run.Input).Capture(Sites.Z, Sites.MlpOut, Sites.Embed, Sites.PosEmbed).Run();
        Should.Throw<KeyNotFoundException>(() => missing.Cache.FullDecomposition(expandNeurons: false, throughPostNorms: true)).Message.ShouldContain("ln1_post.hook_scale");
    }

    [Fact]
    public void FullDecomposition_ProjectedWhileMade_IsTheProjectionOfTheRows()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var run = Ran(model);
        var directions = model.ResidualDirections(tensor(new long[] { 3, 5 })).t().contiguous(); // [d_model, 2]
        foreach (var norm in new[] { RowNorm.None, RowNorm.CachedScale, RowNorm.CachedScaleWithoutGain })
        {
            using var rows = run.Cache.FullDecomposition(norm: norm);
            using var projected = run.Cache.FullDecomposition(norm: norm, projectOnto: directions);
            Same(projected.Values, rows.Values.matmul(directions));
        }
        Should.Throw<ArgumentException>(() => run.Cache.FullDecomposition(norm: RowNorm.Recomputed, projectOnto: directions)).Message.ShouldContain("CachedScale");
    }

    [Fact]
    public void Decompositions_AtPositions_AreThatPartOfTheWhole()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Llama);
        using var run = Ran(model);
        using var whole = run.Cache.FullDecomposition(norm: RowNorm.CachedScale);
        using var last = run.Cache.FullDecomposition(norm: RowNorm.CachedScale, positions: Position.Last);
        using var some = run.Cache.FullDecomposition(norm: RowNorm.CachedScale, positions: new[] { 1, 4 });
        Same(last.Values, whole.Values[.., .., 5..6]);
        Same(some.Values, stack([whole.Values[.., .., 1], whole.Values[.., .., 4]], 2));
        using var thin = model.On(run.Input)
            .Capture(new[] { Sites.Z, Sites.MlpPost, Sites.Embed, Sites.ResidPost }.Select(s => s.At(Position.Last))).Run();
        using var captured = thin.Cache.FullDecomposition(norm: RowNorm.CachedScale);
        Same(captured.Values, last.Values);
    }

    [Fact]
    public void ResidualStack_ByLabel_GivesRows()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var run = Ran(model);
        using var heads = run.Cache.StackHeadResults();
        Same(heads["L1H2"], run.Cache.HeadResults(1)[.., .., 2]);
        using var slice = heads.Slice("L2H0", "L1H2");
        slice.Labels.ShouldBe(["L2H0", "L1H2"]);
        Same(slice["L1H2"], heads["L1H2"]);
        using var second = heads.Where(l => l.StartsWith("L1", StringComparison.Ordinal));
        second.Labels.Count.ShouldBe(4);
        Should.Throw<KeyNotFoundException>(() => heads["L9H9"]).Message.ShouldContain("L0H0");
        var direction = ones(16, dtype: ScalarType.Float64);
        heads.Project(direction)[6, 1, 2].ShouldBe(heads.Values[6, 1, 2].sum().ToDouble(), 1e-12);
        heads.Norms()[6, 1, 2].ShouldBe(heads.Values[6, 1, 2].norm().ToDouble(), 1e-12);
        heads.ToLabelledArray()[6, 1, 2, 3].ShouldBe(heads.Values[6, 1, 2, 3].ToDouble());
        Should.Throw<ArgumentException>(() => heads.Project(ones(15, dtype: ScalarType.Float64)));
        using var neurons = run.Cache.StackNeuronResults(neurons: new[] { 3, 17 });
        using var own = run.Cache.NeuronResults(1, new[] { 3, 17 }, positions: 2..4);
        own.shape.ShouldBe([2, 2, 2, 16]);
        Same(own[.., .., 1], neurons["L1N17"][.., 2..4]);
        Same(run.Cache.StackActivation(Sites.Z)[1], run.Cache["z", 1]);
    }

    [Fact]
    public void Decompositions_Disposed_LeaveNoTensor()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var scope = NewDisposeScope();
        using (var run = Ran(model))
        {
            using (var full = run.Cache.FullDecomposition(norm: RowNorm.CachedScale))
                full.LogitAttributions(3, 4);
            using (var heads = run.Cache.StackHeadResults(includeRemainder: true))
            using (heads.ApplyNorm())
            using (heads.Slice("remainder"))
                heads.Norms();
        }
        scope.DisposablesCount.ShouldBe(0);
    }

    [Fact]
    public void Decompositions_NotCaptured_SayWhatToCapture()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var run = model.On([1, 2, 3]).Capture(Sites.ResidPre).Run();
        Should.Throw<KeyNotFoundException>(() => run.Cache.StackHeadResults()).Message.ShouldContain("hook_z");
        Should.Throw<ArgumentOutOfRangeException>(() => run.Cache.DecomposeResidual(4)).Message.ShouldContain("has 3");
        Should.Throw<ArgumentException>(() => run.Cache.AccumulatedResidual(mlpInput: true)).Message.ShouldContain("mlpInput");
    }

    private static Run Ran(HookedTransformer model) => model.On(TinyModel.Tokens(model.Config, 2, 6, 0)).CaptureAll().Run();

    private static torch.Tensor Stream(Run run, int layer) =>
        layer == 3 ? run.Cache[Sites.ResidPost[2]] : run.Cache[Sites.ResidPre[layer]];

    private static void Same(Tensor ours, Tensor wanted)
    {
        ours.shape.ShouldBe(wanted.shape);
        (ours - wanted).abs().max().ToDouble().ShouldBeLessThan(1e-11);
    }

    private static TransformerConfig Config(string name) => name switch
    {
        "gpt2" => TinyModel.Gpt2,
        "llama" => TinyModel.Llama,
        "attn_only" => TinyModel.Gpt2 with { DMlp = 0 },
        "none" => TinyModel.Gpt2 with { Norm = NormKind.None },
        "shortformer" => TinyModel.Gpt2 with { Positions = PositionKind.Shortformer },
        _ => TinyModel.Gpt2 with { ParallelBlocks = true },
    };
}
