namespace Interp.Tests.Model.Verifying;

using Interp.Tests.Support;
using Shouldly;
using Xunit;
using static TorchSharp.torch;

[Trait("Tier", "model")]
public sealed class VerifyTests : IDisposable
{
    private static readonly Dictionary<string, (Func<HookedTransformer, Tensor> Weight, string First)> Broken = new()
    {
        ["W_E"] = (model => model.Weights.Embedding, "hook_embed"),
        ["W_pos"] = (model => model.Weights.Positions!, "hook_pos_embed"),
        ["ln1 gain"] = (model => model.Weights.Blocks[1].Norm1!.Gain, "blocks.1.ln1.hook_normalized"),
        ["W_Q"] = (model => Columns(model, 0), "blocks.1.attn.hook_q"),
        ["W_K"] = (model => Columns(model, 1), "blocks.1.attn.hook_k"),
        ["W_V"] = (model => Columns(model, 2), "blocks.1.attn.hook_v"),
        ["b_V"] = (model => model.Weights.Blocks[1].Attention.QkvBias!.narrow(0, -16, 16), "blocks.1.attn.hook_v"),
        ["W_O"] = (model => model.Weights.Blocks[1].Attention.Output, "blocks.1.attn.hook_out"),
        ["b_O"] = (model => model.Weights.Blocks[1].Attention.OutputBias!, "blocks.1.attn.hook_out"),
        ["ln2 bias"] = (model => model.Weights.Blocks[2].Norm2!.Bias!, "blocks.2.ln2.hook_normalized"),
        ["W_in"] = (model => model.Weights.Blocks[2].Mlp!.In, "blocks.2.mlp.hook_pre"),
        ["b_in"] = (model => model.Weights.Blocks[2].Mlp!.InBias!, "blocks.2.mlp.hook_pre"),
        ["W_out"] = (model => model.Weights.Blocks[2].Mlp!.Out, "blocks.2.mlp.hook_out"),
        ["ln_final gain"] = (model => model.Weights.FinalNorm!.Gain, "ln_final.hook_normalized"),
        ["W_U"] = (model => model.Weights.Unembedding, "logits"),
        ["b_U"] = (model => model.Weights.UnembeddingBias!, "logits"),
    };

    private readonly TemporaryFolder folder = new();

    public static TheoryData<string> BrokenWeights => [.. Broken.Keys];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(BrokenWeights))]
    public void Verify_BrokenWeight_NamesTheFirstSiteItFeeds(string name)
    {
        var (weight, first) = Broken[name];
        using var scope = NewDisposeScope();
        using var right = TinyModel.Random(TinyModel.Gpt2);
        using var wrong = TinyModel.Random(TinyModel.Gpt2);
        right.SaveReference(folder.File("r.safetensors"));
        using (no_grad())
        {
            var part = weight(wrong);
            part.copy_(part * 1.05 + 0.01);
        }

        var found = wrong.Verify(folder.File("r.safetensors"));

        found.Holds.ShouldBeFalse();
        Evidence.Record("verify", found.First!.Name == first, $"{name}: {found.First}");
        found.First.Name.ShouldBe(first);
        found.ToString().ShouldContain($"First {first}: cosine 0.");
        Should.Throw<InvalidDataException>(found.ThrowIfDifferent).Message.ShouldContain(first);
        var before = found.Checks.TakeWhile(check => check != found.First).ToArray();
        before.ShouldAllBe(check => check.Holds && check.MaxDifference == 0);
        // What stands before every computation but the embedding's.
        if (first != "hook_embed")
            before.Length.ShouldBePositive();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Verify_SameModel_AgreesEverywhere(bool llama)
    {
        using var model = TinyModel.Random(llama ? TinyModel.Llama : TinyModel.Gpt2);
        model.SaveReference(folder.File("r.safetensors"));

        var found = model.Verify(folder.File("r.safetensors"));

        found.Holds.ShouldBeTrue(found.ToString());
        found.ThrowIfDifferent();
        found.Checks.Select(check => check.Name).ShouldContain("loss");
        found.Table().AxisOf("site").Length.ShouldBe(found.Checks.Count);
        found.Checks.ShouldAllBe(check => check.Cosine > 1 - 1e-12 && check.RelativeNorm == 0);
        found.ToString().ShouldContain($"{found.Checks.Count} arrays agree");
    }

    [Fact]
    public void Verify_Itself_HoldsOnModelsOfEachForm()
    {
        TransformerConfig[] forms =
        [
            TinyModel.Gpt2, TinyModel.Llama, TinyModel.Llama with { ParallelBlocks = true }, TinyModel.Gpt2 with { DMlp = 0 },
            TinyModel.Llama with { PostNorms = true, LogitSoftCap = 5 }, TinyModel.Gpt2 with { Causal = false },
        ];
        foreach (var form in forms)
            LiveTensors.ShouldStayEqual(() =>
            {
                using var model = TinyModel.Random(form);
                model.Verify().Holds.ShouldBeTrue(model.Verify().ToString());
            });
    }

    [Fact]
    public void Verify_NumberThatIsNone_IsFound()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using (no_grad())
            model.Weights.Blocks[1].Mlp!.OutBias!.fill_(double.NaN);

        model.Verify().Holds.ShouldBeFalse("a pattern of numbers that are none adds up to nothing");
        model.SaveReference(folder.File("nan.safetensors"));
        using var right = TinyModel.Random(TinyModel.Gpt2);
        var found = right.Verify(folder.File("nan.safetensors"));
        found.First!.Name.ShouldBe("blocks.1.mlp.hook_out");
    }

    [Fact]
    public void Verify_ReferencesThatDoNotFit_SayWhy()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var scope = NewDisposeScope();
        string Refusal(params (string, Tensor)[] arrays)
        {
            Safetensors.Write(folder.File("bad.safetensors"), arrays);
            return Should.Throw<InvalidDataException>(() => model.Verify(folder.File("bad.safetensors"))).Message;
        }
        var tokens = ("tokens", zeros(1, 4, dtype: ScalarType.Int64));

        Refusal(("logits", zeros(1, 4, 29))).ShouldContain("make-reference.py");
        Refusal(tokens, ("blocks.7.hook_resid_pre", zeros(1, 4, 16))).ShouldContain("no hook points of this model");
        Refusal(tokens, ("logits", zeros(1, 4, 30))).ShouldContain("[1, 4, 30], and the model's is [1, 4, 29]");
        Refusal(("tokens", zeros(1, 4, dtype: ScalarType.Int64) + 29)).ShouldContain("token 29");
        Refusal(("tokens", zeros(1, 40, dtype: ScalarType.Int64))).ShouldContain("40 positions");
        Refusal(("tokens", zeros(4, dtype: ScalarType.Int64))).ShouldContain("wanted [batch, pos]");
        Should.Throw<FileNotFoundException>(() => model.Verify(folder.File("none.safetensors")));
        Should.Throw<ArgumentException>(() => model.SaveReference(folder.File("x.bin")));
    }

    private static Tensor Columns(HookedTransformer model, int which) => model.Weights.Blocks[1].Attention.Qkv.narrow(1, which * 16, 16);
}
