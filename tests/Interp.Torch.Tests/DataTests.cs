using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Interp.Torch.Tests;

[Trait("Tier", "unit")]
public sealed class DataTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Factories_HaveShapeTypeAndValue()
    {
        zeros(2, 3).dtype.ShouldBe(ScalarType.Float32);
        zeros([2, 3], float64).ShouldHaveShape(2, 3);
        ones(2).ShouldHold(1, 1);
        full([2], 7).dtype.ShouldBe(ScalarType.Int64);
        full([2], 7.5).ShouldHold(7.5, 7.5);
        arange(3).dtype.ShouldBe(ScalarType.Int64);
        arange(1, 2, 0.5).ShouldHold(1, 1.5);
        linspace(0, 1, 3).ShouldHold(0, 0.5, 1);
        eye(2).ShouldHold(1, 0, 0, 1);
        empty([0, 3]).numel().ShouldBe(0);
        zeros_like(arange(3)).dtype.ShouldBe(ScalarType.Int64);
        arange(3).new_ones(2).dtype.ShouldBe(ScalarType.Int64);
        tril_indices(2, 2).ShouldHold(0, 1, 1, 0, 0, 1);
        tensor(1.5).dtype.ShouldBe(ScalarType.Float64);
        tensor(1.5f).dtype.ShouldBe(ScalarType.Float32);
        tensor(new[] { 1, 2 }).dtype.ShouldBe(ScalarType.Int32);
        tensor(new List<long> { 1, 2 }, float32).dtype.ShouldBe(ScalarType.Float32);
        tensor([1f, 2f, 3f, 4f], [2, 2]).ShouldHaveShape(2, 2);
        tensor(new[,,] { { { 1.0, 2 } } }).ShouldHaveShape(1, 1, 2);
        tensor([true, false]).dtype.ShouldBe(ScalarType.Bool);
        from_array(new float[2, 2]).ShouldHaveShape(2, 2);
        Should.Throw<ArgumentException>(() => tensor([1f, 2f, 3f], [2, 2]));
    }

    [Fact]
    public void Accessor_RespectsStrides()
    {
        var t = arange(6).view(2, 3).t();
        t.data<long>().ToArray().ShouldBe([0L, 3, 1, 4, 2, 5]);
        t.data<long>()[2, 1].ShouldBe(5);
        t.data<long>()[0, 0] = 9;
        t[0, 0].item<long>().ShouldBe(9);
        var two = (long[,])t.data<long>().ToNDArray();
        two[1, 1].ShouldBe(4);
        Should.Throw<IndexOutOfRangeException>(() => t.data<long>()[3, 0]);
        var buffer = new long[4];
        t.data<long>().CopyTo(buffer, 1);
        buffer.ShouldBe([0L, 9, 3, 1]);
    }

    [Fact]
    public void Bytes_AreTheMemory()
    {
        var t = zeros(2);
        BitConverter.TryWriteBytes(t.bytes[4..], 2.5f);
        t.ShouldHold(0, 2.5);
        t.bytes = new byte[8];
        t.ShouldHold(0, 0);
        Should.Throw<ArgumentException>(() => t.bytes = new byte[7]);
        Should.Throw<InvalidOperationException>(() => arange(6).view(2, 3).t().bytes.Length);
        empty(0).bytes.Length.ShouldBe(0);
    }

    [Fact]
    public void Item_OfWrongTypeOrSize_Throws()
    {
        Should.Throw<ArgumentException>(() => tensor(1.0).item<float>());
        Should.Throw<ArgumentException>(() => arange(2).item<long>());
        ((int)tensor(2.7)).ShouldBe(2);
        ((bool)tensor(1)).ShouldBeTrue();
        tensor(3).ToScalar().ToInt32().ShouldBe(3);
    }

    [Fact]
    public void SaveAndLoad_IsBitEqual()
    {
        foreach (var type in new[] { ScalarType.Float32, ScalarType.Float64, ScalarType.BFloat16, ScalarType.Int64, ScalarType.Bool })
        {
            var t = randn(3, 4).mul(10).to(type).t();
            using var stream = new MemoryStream();
            t.Save(stream);
            stream.Position = 0;
            var back = TensorExtensionMethods.Load(new BinaryReader(stream));
            back.dtype.ShouldBe(type);
            back.Equals(t).ShouldBeTrue();
        }
        Should.Throw<InvalidDataException>(() => TensorExtensionMethods.Load(new BinaryReader(new MemoryStream(new byte[64]))));
    }

    [Fact]
    public void Random_SameSeed_SameNumbers()
    {
        using var one = new Generator(5);
        using var two = new Generator(5);
        randn([10], generator: one).Equals(randn([10], generator: two)).ShouldBeTrue();
        randn([10], generator: one).Equals(rand([10], generator: two)).ShouldBeFalse();
        manual_seed(3).Dispose();
        var a = randn(5);
        manual_seed(3).Dispose();
        randn(5).Equals(a).ShouldBeTrue();
        var state = one.get_state();
        var x = rand([3], generator: one);
        one.set_state(state);
        rand([3], generator: one).Equals(x).ShouldBeTrue();
        var p = randperm(20, generator: one);
        p.sort().Values.Equals(arange(20)).ShouldBeTrue();
        var i = randint(3, 9, new long[] { 1000 }, generator: one);
        i.min().ShouldHold(3);
        i.max().ShouldHold(8);
        zeros(4000).normal_(2, 3, one).std().item<float>().ShouldBe(3, 0.2);
        zeros(4000).uniform_(-1, 1, one).min().item<float>().ShouldBeLessThan(-0.9f);
        tensor([0f, 1f]).multinomial(5, true, one).ShouldHold(1, 1, 1, 1, 1);
        zeros(2000).bernoulli_(0.25, one).mean().item<float>().ShouldBe(0.25f, 0.05);
    }

    [Fact]
    public void Printing_HasShapeTypeAndValues()
    {
        var t = tensor(new float[,] { { 1, 2.5f }, { -3, 4 } });
        t.ToString().ShouldBe("[2x2], type = Float32, device = cpu");
        tensor(3).ToString().ShouldContain("value = 3");
        t.jlstr(newLine: "\n").ShouldBe("[2x2], type = Float32, device = cpu\n   1 2.5\n  -3   4\n");
        t.npstr(newLine: "\n").ShouldBe("[[  1, 2.5],\n [ -3,   4]]");
        t.cstr(newLine: "\n").ShouldContain("{{1f, 2.5f},\n {-3f, 4f}}");
        arange(100).npstr().ShouldBe("[  0,   1,   2, ...,  97,  98,  99]");
        t.ToString(TorchSharp.TensorStringStyle.Numpy).ShouldStartWith("[[");
    }

    [Fact]
    public void Device_Descriptions_AreRead()
    {
        new Device("cuda:1").index.ShouldBe(1);
        new Device("cpu").ToString().ShouldBe("cpu");
        Should.Throw<ArgumentException>(() => new Device("toaster"));
        Should.Throw<ArgumentException>(() => new Device("cuda:x"));
        zeros(2, device: META).is_meta.ShouldBeTrue();
        cuda.device_count().ShouldBeGreaterThanOrEqualTo(0);
    }
}
