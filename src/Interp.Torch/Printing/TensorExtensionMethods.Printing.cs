using System.Globalization;
using static TorchSharp.torch;

namespace TorchSharp;

// Tensors as text.
public static partial class TensorExtensionMethods
{
    public static string cstr(
        this Tensor tensor, string? fltFormat = "g5", int? width = 100, string? newLine = null, CultureInfo? cultureInfo = null) =>
        TensorPrinter.Print(tensor, TensorStringStyle.CSharp, fltFormat, width, newLine, cultureInfo);

    public static string jlstr(
        this Tensor tensor, string? fltFormat = null, int? width = null, string? newLine = null, CultureInfo? cultureInfo = null) =>
        TensorPrinter.Print(tensor, TensorStringStyle.Julia, fltFormat, width, newLine, cultureInfo);

    public static string metastr(this Tensor tensor) => TensorPrinter.Metadata(tensor);

    public static string npstr(
        this Tensor tensor, string? fltFormat = "g5", int? width = 100, string? newLine = null, CultureInfo? cultureInfo = null) =>
        TensorPrinter.Print(tensor, TensorStringStyle.Numpy, fltFormat, width, newLine, cultureInfo);

    public static string str(
        this Tensor tensor, string? fltFormat = null, int? width = null, string? newLine = null, CultureInfo? cultureInfo = null,
        TensorStringStyle style = TensorStringStyle.Default) =>
        TensorPrinter.Print(tensor, style, fltFormat, width, newLine, cultureInfo);

    public static Tensor print(
        this Tensor t, string? fltFormat = "g5", int? width = 100, string? newLine = null, CultureInfo? cultureInfo = null,
        TensorStringStyle style = TensorStringStyle.Default)
    {
        Console.WriteLine(t.str(fltFormat, width, newLine, cultureInfo, style));
        return t;
    }
}
