namespace Interp.Tests.Model.Running;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

/// <summary>Caches on disk, in other types, and of some prompts.</summary>
[Trait("Tier", "model")]
public sealed class CacheCopyTests
{
    [Theory]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void Load_WhatSaveWrote_IsBitEqual(ScalarType dtype)
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Llama, dtype: dtype);
        using var run = model.On(RunInput.Of([[1, 2, 3, 4], [5, 6]])).CaptureAll().Capture(Sites.Result, Sites.Z.At(Position.Last), Sites.ResidPost[1].At(1..3)).Run();
        run.Cache.Save(folder.File("cache.safetensors"));
        using var loaded = ActivationCache.Load(folder.File("cache.safetensors"), model);
        loaded.Names.ShouldBe(run.Cache.Names);
        loaded.Bytes.ShouldBe(run.Cache.Bytes);
        var equal = run.Cache.Zip(loaded).Count(pair => pair.First.Key == pair.Second.Key && Bits(pair.First.Value).SequenceEqual(Bits(pair.Second.Value)));
        Evidence.Record("cache-round-trip", equal == run.Cache.Count, $"{equal} of {run.Cache.Count} activations of {dtype.ToString().ToLowerInvariant()}");
        equal.ShouldBe(run.Cache.Count);
        Bits(loaded[Sites.Z[2].At(Position.Last)]).ShouldBe(Bits(run.Cache[Sites.Z[2].At(Position.Last)]));
        loaded.Input!.Rows[1].ShouldBe([5, 6]);
        using var lens = loaded.LogitLens(Position.Last);
        using var own = run.LogitLens(Position.Last);
        Bits(lens.Logits).ShouldBe(Bits(own.Logits));
    }

    [Fact]
    public void Load_PromptsWithAMask_KeepsIt()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var mask = tensor(new long[] { 0, 1, 1, 1, 1, 1 }, [2, 3]);
        using var run = model.On(tensor(new long[] { 0, 2, 3, 4, 5, 6 }, [2, 3]), mask).Capture(Sites.ResidPost).Run();
        run.Cache.Save(folder.File("cache.safetensors"));
        using var loaded = ActivationCache.Load(folder.File("cache.safetensors"), model);
        loaded.Input!.Mask!.Value[0].ShouldBe([false, true, true]);
        loaded.Input.Rows[0].ShouldBe([0, 2, 3]);
    }

    [Fact]
    public void Load_OtherFilesAndModels_SaysWhatIsWrong()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Llama);
        Safetensors.Write(folder.File("other.safetensors"), [("x", zeros(2))]);
        Should.Throw<InvalidDataException>(() => ActivationCache.Load(folder.File("other.safetensors"), model)).Message.ShouldContain("no activation cache");
        using var run = model.On([1, 2]).Capture(Sites.RotQ).Run();
        run.Cache.Save(folder.File("cache.safetensors"));
        using var gpt2 = TinyModel.Random(TinyModel.Gpt2);
        Should.Throw<InvalidDataException>(() => ActivationCache.Load(folder.File("cache.safetensors"), gpt2)).Message.ShouldContain("tiny-llama");
    }

    [Fact]
    public void Prompts_OfABatch_AreThoseRows()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var run = model.On(RunInput.Of([[1, 2], [3, 4, 5, 6], [7, 8, 9]])).CaptureAll().Run();
        using var part = run.Cache.Prompts(^1..);
        part.Input!.Length.ShouldBe(4);
        foreach (var (name, tensor) in part)
            (tensor - run.Cache[name][2..3]).nan_to_num().abs().max().ToDouble().ShouldBe(0);
        using var lens = part.LogitLens(Position.Last);
        using var own = run.LogitLens(Position.Last);
        (lens.Logits[.., 0] - own.Logits[.., 2]).abs().max().ToDouble().ShouldBeLessThan(1e-12);
        Should.Throw<ArgumentOutOfRangeException>(() => run.Cache.Prompts(1..1)).Message.ShouldContain("there are 3");
        using var varied = model.On([1, 2]).Variants(new Variant("a"), new Variant("b")).Capture(Sites.Z).Run();
        Should.Throw<InvalidOperationException>(() => varied.Cache.Prompts(..1)).Message.ShouldContain("variants");
    }

    [Fact]
    public void To_AnotherType_IsACopyInIt()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var run = model.On([1, 2, 3]).Capture(Sites.Z).Run();
        using var single = run.Cache.To(dtype: ScalarType.Float32);
        single["z", 1].dtype.ShouldBe(ScalarType.Float32);
        single["z", 1].zero_();
        run.Cache["z", 1].abs().max().ToDouble().ShouldBeGreaterThan(0);
    }

    private static byte[] Bits(Tensor tensor) => tensor.contiguous().bytes.ToArray();
}
