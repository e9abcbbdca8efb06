namespace Interp.Tests.Model.Dictionaries;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>Rows of a model's activations: where they are kept, in which order they come, what is gone through again.</summary>
[Trait("Tier", "model")]
public sealed class ActivationStreamTests
{
    private static readonly HookName At = new(ResidPost, 1);
    private static readonly ActivationStreamOptions Options = new() { BufferRows = 64, Seed = 3 };

    [Theory]
    [InlineData(BufferPlace.Memory)]
    [InlineData(BufferPlace.Disk)]
    public void Batches_KeptElsewhere_AreTheSame(BufferPlace place)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var model = TinyModel.Random(TinyModel.Gpt2, dtype: ScalarType.Float32);
        var plain = All(model, Options);
        plain.Length.ShouldBeGreaterThan(10);
        All(model, Options with { Place = place, Folder = folder.Path }).ShouldBe(plain);
        Directory.GetFiles(folder.Path).ShouldBeEmpty();
        All(model, Options with { Seed = 4 }).ShouldNotBe(plain);
    }

    [Fact]
    public void Batches_ByteBudget_HoldsFewerRows()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2, dtype: ScalarType.Float32);
        All(model, Options with { BufferRows = 1000, BufferBytes = 64 * 16 * 4 + 17 }).ShouldBe(All(model, Options));
        Should.Throw<ArgumentException>(() => All(model, Options with { BufferBytes = 15 * 16 * 4 })).Message.ShouldContain("Raise BufferBytes");
        Should.Throw<ArgumentException>(() => All(model, Options with { BufferBytes = -1 }));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(17)]
    [InlineData(39)]
    public void Batches_FirstOnesSkipped_TheOthersAreTheSame(int skip)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2, dtype: ScalarType.Float32);
        double[][] From(int first)
        {
            var prompts = Enumerable.Range(0, 41).Select(i => TinyModel.Tokens(TinyModel.Gpt2, 1 + i % 3, 5 + i % 7, 100 + i));
            return Values(new ActivationStream(model, [At], prompts, Options).Batches(8, first, default));
        }
        var all = From(0);
        all.Length.ShouldBeGreaterThan(39);
        From(skip).ShouldBe(all[skip..]);
    }

    [Fact]
    public void Batches_SeveralHookPoints_HaveTheRowsOfTheSameTokens()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2, dtype: ScalarType.Float32);
        HookName[] names = [new(ResidPre, 0), At, new(Z, 2)];
        var stream = new ActivationStream(model, names, Prompts(), Options);
        foreach (var batch in stream.Batches(8))
            using (batch)
            {
                (batch.Rows, batch.Input.shape[1], batch[names[1]].shape[1], batch.Target.shape[1]).ShouldBe((8, 16, 16, 16));
                Should.Throw<KeyNotFoundException>(() => batch[new HookName(ResidPost, 2)]).Message.ShouldContain("It has");
            }
        var alone = Values(new ActivationStream(model, [At], Prompts(), Options).Batches(8));
        var among = new List<double[]>();
        foreach (var batch in stream.Batches(8))
            using (batch)
                among.Add(GoldenCompare.Doubles(batch[At]));
        among.ToArray().ShouldBe(alone);
    }

    [Fact]
    public void Batches_Abandoned_LeavesNoTensors()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2, dtype: ScalarType.Float32);
        var stream = new ActivationStream(model, [At], Prompts(), Options);
        stream.Batches(8).First().Dispose();
        LiveTensors.ShouldStayEqual(() => stream.Batches(8).Skip(0).First().Dispose());
    }

    [Fact]
    public void ActivationStream_NoHookPoint_Throws()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        Should.Throw<ArgumentException>(() => new ActivationStream(model, Array.Empty<HookName>(), Prompts())).Message.ShouldContain("needs a hook point");
        Should.Throw<ArgumentException>(() => new ActivationStream(model, [new HookName(ResidPost, 9)], Prompts()));
    }

    private static IEnumerable<RunInput> Prompts() => Enumerable.Range(0, 30).Select(i => TinyModel.Tokens(TinyModel.Gpt2, 2, 8, 100 + i));

    private static double[][] All(HookedTransformer model, ActivationStreamOptions options) => Values(new ActivationStream(model, [At], Prompts(), options).Batches(8));

    private static double[][] Values(IEnumerable<ActivationBatch> batches)
    {
        var values = new List<double[]>();
        foreach (var batch in batches)
            using (batch)
                values.Add(GoldenCompare.Doubles(batch.Input));
        return [.. values];
    }
}
