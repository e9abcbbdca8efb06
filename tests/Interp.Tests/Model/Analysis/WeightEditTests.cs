namespace Interp.Tests.Model.Analysis;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>Edits of weights do what they say and leave no bit behind.</summary>
[Trait("Tier", "model")]
public sealed class WeightEditTests
{
    public static TheoryData<string> Models => ["raw", "processed", "llama", "bfloat16", "tied"];

    [Theory]
    [MemberData(nameof(Models))]
    public void Edit_Disposed_RestoresEveryBit(string name)
    {
        using var scope = NewDisposeScope();
        using var original = Model(name);
        using var second = original.WithTokenizer(null); // another handle on the same storage
        var before = second.Weights.Tensors().ToDictionary(t => t.Name, t => t.Tensor.clone());
        using (var edit = original.Edit())
        {
            edit.SetValueVector(1, 5, ones(16)).AddRankOne(m => m.WQ(2)[3], randn(16), randn(4)).Add(m => m.WK(0)[1], ones(16, 4))
                .Set(m => m.WV(1)[0], tensor(0.1f)).Associate(0, randn(24), randn(16)).Add(m => m.WIn(2)[.., 3], ones(16)).Add(m => m.WE[7], ones(16) * 0.3)
                .SetValueVector(1, 5, ones(16) * 3); // the same row again
            edit.ToString().ShouldContain("8 changes");
            Changed(second, before).ShouldNotBeEmpty();
            (second.WOut(1)[5] - 3).abs().max().ToDouble().ShouldBeLessThan(1e-12); // what shares the storage sees it
        }
        Changed(second, before).ShouldBeEmpty();
        Changed(original, before).ShouldBeEmpty();
    }

    [Fact]
    public void Edit_OfAModelWhoseRunThrows_IsTakenBack()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var before = model.Weights.Tensors().ToDictionary(t => t.Name, t => t.Tensor.clone());
        Should.Throw<InvalidTimeZoneException>(() =>
        {
            using var edit = model.Edit().SetValueVector(0, 0, ones(16)).FoldIn(ResidPost[1], ones(16));
            model.On([1, 2, 3]).Apply(ResidPost[2], _ => throw new InvalidTimeZoneException()).Logits();
        });
        Changed(model, before).ShouldBeEmpty();
        // A change that is refused takes those before it back, though nobody holds the edit yet.
        Should.Throw<ArgumentException>(() =>
        {
            using var edit = model.Edit().SetValueVector(0, 0, ones(16)).Set(m => m.WOut(1), ones(3));
        });
        Should.Throw<ArgumentOutOfRangeException>(() =>
        {
            using var edit = model.Edit().SetValueVector(0, 0, ones(16)).SetValueVector(7, 0, ones(16));
        });
        Changed(model, before).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("gpt2")]
    [InlineData("llama")]
    [InlineData("parallel")]
    public void FoldIn_AVector_IsAddingItInARun(string name)
    {
        using var scope = NewDisposeScope();
        using var raw = TinyModel.Random(name switch { "gpt2" => TinyModel.Gpt2, "llama" => TinyModel.Llama, _ => TinyModel.Gpt2 with { ParallelBlocks = true } });
        using var model = raw.WithOutputBiases();
        var vector = randn(16, dtype: ScalarType.Float64);
        var input = TinyModel.Tokens(model.Config, 2, 5, 0);
        foreach (var site in name == "parallel" ? [AttnOut, MlpOut, ResidPost, ResidPre] : new[] { AttnOut, MlpOut, ResidMid, ResidPost, ResidPre })
        {
            var hooked = model.On(input).Add(site[1], vector, 2).Logits();
            using var edit = model.Edit().FoldIn(site[1], vector, 2);
            (model.On(input).Logits() - hooked).abs().max().ToDouble().ShouldBeLessThan(1e-10, site.ToString());
        }
        Should.Throw<ArgumentException>(() => model.Edit().FoldIn(ResidPre[0], vector)).Message.ShouldContain("but the first");
        Should.Throw<ArgumentException>(() => model.Edit().FoldIn(ResidPost[0].At(2), vector)).Message.ShouldContain("every position");
        Should.Throw<ArgumentException>(() => model.Edit().FoldIn(Z[0], vector)).Message.ShouldContain("No bias writes");
    }

    [Fact]
    public void FoldIn_WhereNoBiasIs_SaysSoAndWithOutputBiasesMakesOne()
    {
        using var scope = NewDisposeScope();
        var config = TinyModel.Llama with { DMlp = 24 };
        using var drawn = TinyModel.Random(config);
        var weights = drawn.Weights.Share();
        var bare = new TransformerWeights
        {
            Embedding = weights.Embedding, FinalNorm = weights.FinalNorm, Unembedding = weights.Unembedding,
            Blocks = [.. weights.Blocks.Select(b => new BlockWeights
            {
                Norm1 = b.Norm1, Norm2 = b.Norm2, Attention = new AttentionWeights { Qkv = b.Attention.Qkv, Output = b.Attention.Output },
                Mlp = new MlpWeights { In = b.Mlp!.In, Out = b.Mlp.Out },
            })],
        };
        using var model = HookedTransformer.Create(config, bare);
        using var edit = model.Edit();
        Should.Throw<InvalidOperationException>(() => edit.FoldIn(ResidPost[0], ones(16))).Message.ShouldContain("WithOutputBiases");
        Should.Throw<InvalidOperationException>(() => edit.Set(m => m.WE.index_select(0, tensor(new long[] { 1, 2 })), zeros(2, 16))).Message.ShouldContain("copy");
        edit.ToString().ShouldContain("0 changes");
        using var biased = model.WithOutputBiases();
        biased.On([1, 2, 3]).Logits().Equals(model.On([1, 2, 3]).Logits()).ShouldBeTrue();
        using var folded = biased.Edit().FoldIn(ResidPost[0], ones(16));
        var hooked = model.On([1, 2, 3]).Add(ResidPost[0], ones(16)).Logits();
        (biased.On([1, 2, 3]).Logits() - hooked).abs().max().ToDouble().ShouldBeLessThan(1e-10);
    }

    [Fact]
    public void Associate_AKey_WritesItsValueAndSparesWhatIsOrthogonal()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var (key, value) = (randn(24, dtype: ScalarType.Float64), randn(16, dtype: ScalarType.Float64));
        var keys = randn(200, 24, dtype: ScalarType.Float64);
        var covariance = keys.t().matmul(keys) / 200;
        foreach (var statistics in new[] { null, covariance })
        {
            var old = model.WOut(1).clone();
            using var edit = model.Edit().Associate(1, key, value, statistics);
            (key.matmul(model.WOut(1)) - value).abs().max().ToDouble().ShouldBeLessThan(1e-10);
            var along = statistics is null ? key : linalg.solve(statistics, key);
            var other = randn(24, dtype: ScalarType.Float64);
            other = other - along * (other.dot(along) / along.dot(along));
            (other.matmul(model.WOut(1)) - other.matmul(old)).abs().max().ToDouble().ShouldBeLessThan(1e-10);
            linalg.matrix_rank(model.WOut(1) - old, 1e-8).ToInt64().ShouldBe(1);
        }
        Should.Throw<ArgumentException>(() => model.Edit().Associate(1, zeros(24), value)).Message.ShouldContain("zero");
    }

    [Fact]
    public void Edit_BadInput_SaysSo()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var edit = model.Edit();
        Should.Throw<ArgumentOutOfRangeException>(() => edit.SetValueVector(0, 24, ones(16))).Message.ShouldContain("has 24 in a layer");
        Should.Throw<ArgumentOutOfRangeException>(() => edit.SetValueVector(3, 0, ones(16))).Message.ShouldContain("has 3");
        Should.Throw<ArgumentException>(() => edit.SetValueVector(0, 0, ones(15))).Message.ShouldContain("[15]");
        Should.Throw<ArgumentException>(() => edit.AddRankOne(m => m.WOut(0), ones(16), ones(24))).Message.ShouldContain("left");
        Should.Throw<ArgumentException>(() => edit.Set(m => m.WE[0], full([16], double.NaN))).Message.ShouldContain("finite");
        using var post = TinyModel.Random(TinyModel.Gpt2 with { PostNorms = true });
        Should.Throw<NotSupportedException>(() => post.Edit().FoldIn(ResidPost[0], ones(16))).Message.ShouldContain("norms behind");
    }

    [Fact]
    public void Edit_MadeAndTakenBack_LeavesNoTensor() => LiveTensors.ShouldStayEqual(() =>
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var biased = model.WithOutputBiases();
        using var edit = biased.Edit().SetValueVector(0, 0, ones(16)).Associate(1, ones(24), ones(16)).FoldIn(ResidPost[0], ones(16));
        Should.Throw<InvalidOperationException>(() => edit.Set(m => m.WE.clone(), zeros(16)));
    });

    private static HookedTransformer Model(string name)
    {
        using var raw = TinyModel.Random(name == "llama" ? TinyModel.Llama : TinyModel.Gpt2, dtype: name == "bfloat16" ? ScalarType.BFloat16 : ScalarType.Float64);
        if (name == "processed")
            return raw.Process(WeightProcessing.TransformerLens);
        if (name != "tied")
            return raw.WithTokenizer(null);
        var weights = raw.Weights.Share();
        return HookedTransformer.Create(raw.Config, new TransformerWeights
        {
            Embedding = weights.Embedding, Positions = weights.Positions, Blocks = weights.Blocks, FinalNorm = weights.FinalNorm,
            Unembedding = weights.Embedding.t().DetachFromDisposeScope(),
        });
    }

    private static string[] Changed(HookedTransformer model, Dictionary<string, Tensor> before) =>
        [.. model.Weights.Tensors().Where(t => before.TryGetValue(t.Name, out var was) && !was.Equals(t.Tensor)).Select(t => t.Name)];
}
