namespace Interp.Tests.Model.Loading;

using Interp.Tests.Support;
using Shouldly;
using Xunit;
using static TorchSharp.torch;

[Trait("Tier", "unit")]
public sealed class SafetensorsTensorTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<ScalarType> Types =>
    [
        ScalarType.Float32, ScalarType.Float64, ScalarType.Float16, ScalarType.BFloat16, ScalarType.Int64, ScalarType.Int32, ScalarType.Int16,
        ScalarType.Int8, ScalarType.Byte, ScalarType.Bool,
    ];

    [Theory]
    [MemberData(nameof(Types))]
    public void WriteAndRead_EveryType_KeepsEveryBit(ScalarType type)
    {
        using var scope = NewDisposeScope();
        var tensor = Vector([0, 1, 1, 0, 1, 0]).to(type).view(2, 3);

        Safetensors.Write(folder.File("x"), [("a", tensor), ("scalar", Vector([1]).to(type).squeeze()), ("empty", zeros([0, 4], dtype: type))]);

        using var file = SafetensorsFile.Open(folder.File("x"));
        file.Read("a").dtype.ShouldBe(type);
        TensorAssert.Doubles(file.Read("a")).ShouldBe([0, 1, 1, 0, 1, 0]);
        file.Read("scalar").shape.ShouldBeEmpty();
        file.Read("empty").shape.ShouldBe([0L, 4]);
    }

    [Fact]
    public void Write_TransposedTensor_StoresItsElementsInOrder()
    {
        using var scope = NewDisposeScope();
        var matrix = arange(6, dtype: ScalarType.Float32).view(2, 3).t(); // [3, 2]

        Safetensors.Write(folder.File("x"), [("a", matrix)]);

        using var file = SafetensorsFile.Open(folder.File("x"));
        file.Entry("a").Shape.ShouldBe([3L, 2]);
        file.ReadFloats("a").ShouldBe([0, 3, 1, 4, 2, 5]);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(12)]
    [InlineData(1 << 20)]
    public void WriteAndRead_InPartsOfAnySize_IsTheSame(long partBytes)
    {
        using var scope = NewDisposeScope();
        var numbers = arange(7, dtype: ScalarType.Float32);
        var writer = new SafetensorsWriter();
        writer.Add("a", SafetensorsType.Float32, [7], stream => SafetensorsTensors.Write(numbers, stream, partBytes));
        writer.Save(folder.File("x"), null);
        using var file = SafetensorsFile.Open(folder.File("x"));

        var read = SafetensorsTensors.Read(file, file.Entry("a"), ScalarType.Float32, partBytes);

        TensorAssert.Doubles(read).ShouldBe([0, 1, 2, 3, 4, 5, 6]);
    }

    [Fact]
    public void Read_WithType_ConvertsOnTheWay()
    {
        using var scope = NewDisposeScope();
        Safetensors.Write(folder.File("x"), [("a", Vector([1.5, -2]).to(ScalarType.BFloat16))]);
        using var file = SafetensorsFile.Open(folder.File("x"));

        var wide = file.Read("a", ScalarType.Float64);

        wide.dtype.ShouldBe(ScalarType.Float64);
        TensorAssert.Doubles(wide).ShouldBe([1.5, -2]);
    }

    [Fact]
    public void Read_EightBitFloat_SaysWhatToDo()
    {
        var writer = new SafetensorsWriter();
        writer.Add("a", SafetensorsType.Float8E4M3, [1], new byte[1]);
        writer.Save(folder.File("x"), null);
        using var file = SafetensorsFile.Open(folder.File("x"));

        Should.Throw<InvalidDataException>(() => file.Read("a")).Message.ShouldContain("F8_E4M3");
    }

    [Fact]
    public void Write_SameNameTwice_IsRefusedAndWritesNothing()
    {
        using var scope = NewDisposeScope();
        var tensor = Vector([1]);

        Should.Throw<ArgumentException>(() => Safetensors.Write(folder.File("x"), [("a", tensor), ("a", tensor)]));
        Directory.GetFiles(folder.Path).ShouldBeEmpty();
    }

    private static Tensor Vector(double[] values) => tensor(values, dtype: ScalarType.Float64);
}
