import { describe, expect, test } from '@jest/globals';
import { unzstd, unzstdWhole } from './zstd.js';

const WORDS = ['alpha', 'beta', 'gamma', 'delta', 'request', 'answer', 'service', 'operation'];

/** 1,500 words in an order without sense. */
const TEXT = (() => {
  let text = '';
  let seed = 7;
  for (let word = 0; word < 1_500; word += 1) {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    text += `${WORDS[Math.floor(seed / 65_536) % 8] ?? ''}${seed % 7 === 0 ? word : ''} `;
  }
  return text;
})();

/** TEXT as the reference encoder writes it, at three levels. */
const FAST =
  'KLUv/QBIbVwABDlyZXF1ZXN0IHNlcnZpY2UgYmV0YSBiZXRhIGdhbW1hIGFscGhhIGJldGEgZGVsdGFuc3dlciBvcGVyYXRpb24xMjE1NiBkZWx0' +
  'YWFscGhhMTkyNyBkZWx0YTMzIGFuc3dlcjM0MzdiZXRhNTliZXRhNjZnYW1tYTcyNzY5NDk3OTEwMCBiZWxwaGFiZXRhMTExMTEyMTYxMjAxMjhs' +
  'cGhhMTMzIGRlbHRhMTM0MTM2MTQxNDYxNDk1OTcxIDE3NTE4MDE5MzE5Nzk4ZGVsdGEyMDIyMDUyMTYyMjQyMjUzNzhiZXRhMjUwIGdhbW1hMjUx' +
  'MjU1MjU2IGFscGhhMjU3MjYxMjYyMjY2NjI3MTc5ODM4NiBnYW1tYTI4Nzk0OTUzMDEzMDUgYmV0YTMxMzMxNmFscGhiZXRhMzI3MjgzMzMzMzVk' +
  'ZWx0YTM0MDM0MTM0NzM2MTc1Mzc5MzgwYmV0YTM4NTM5NTQwNGRlbHRhNDA2MTQyMCBnYW1tYTQyMTQzMDQ0NjlhbHBoYTQ3MTcgc2xwaGE0OTQ0' +
  'OTc1MDA1MDE1MDlkZWx0YTUyOGFscGhhNTU2NTYyYmV0YTU3MzU3NzU3OTU4NjU5MjYxNmRlbHRhNjIxMzE2NDEgYmV0YTY0MjUyNjY2NmFscGhh' +
  'NjY5Z2FtbWE2NzE2NzI3MDIgYWxwaGE3MDM3NzI1NzI5NzMyYmV0YTc2MDg3ODk5MDc5OTgwMCBhbHBoYTgwMWdhbW1hODA0ODA4ODE0ODQ0ODQ3' +
  'NjI4NzI4ODBiZXRhODgzODg3Z2FtbWE5MDJiZXRhOTA0ZGVsdGE5MDY4OTE4OTIyYWxwaGE5MjQ5MzBuc3dlcjk0NzYxOTY5OTc0NzU5ODY5OTU5' +
  'OTgxMDAxMTAxNDEwMTYzODEwNDExMDQ5YmV0YTEwNTkwNzk5NDEwN2RlbHQ5MTExMTIwMTEzMDMzMzExNDQxMTUyMTE1M2JldGExMTU1MTE1NjQx' +
  'NzE3MjExNzRkZWx0ODA5MTkxMjAwMTIwMWJldGExMjM1MzczMTI0MWFscGgyMTI4NDEyODI5MjEyOTkzMDAxMzA1MTMxMTMyMzExMzQ1NDZiZXRh' +
  'MTM2MDExMzYyNjEzNzQ3MTM4NzEzOWJldGExMTQwNzQxMTE0MTE0NDI0OGdhbW0xNDY1MTQ3MDE0NzE0MTQ3MzQ3NzE0OTIxNDk1c2VydmljZSCE' +
  'qqjzbJBMIlNJKu0GYxBogsMVZGnx6gETgIDAEatVbU1Ch2gkSZIOhiPPWWdkrk4eGg+uht1BzyMQNhmsS2FszjOCadHd6wUVxTkd67Qa2RfP8DGJ' +
  'nhA02Jbe/qOVvaVM+np2KKKP3/mF2Ia3EohRXENNgzGpUs+/fMqvgt65Ru9qEI7uXuK3yV5Htk1t0jwELLGHacE4FU7Dfq619hy/SLWB3diJ4EtR' +
  'w7YxTC1+7GOxKZToi1XOrUSv8DG2XSCfQZkXYiTLul/BW+jsf1nEGK8nOs3yWcMZnoFAu40ijNxZ6dSrAwDmYiA23kRh6uDTJPgvbE5UvhgVT5g7' +
  'REtMsG6EL7IAFFeF2nlUAyRuyEW+QW14RIT65wTulq3pQBPBsoPx5416TzhYHNiM0r9xq36Z9K7wJnu1ds8RUBA05s5CW5BIdbVwOByc4IRmAn0H' +
  'y93cybjgzxGxjtq7cc0GAA2DBStvdxrQtbSU+VZEig+lbUjrDrsjw4jTHzEjfiVPjK7SyW6E+qimNsy0cv4SSqPSDRdBWaEbcI6nYqSni1UWaAZY' +
  'thoIxQw8a24xtyHThzYutotkiJ410y5GXybquH8jRjMLsGfZcG/sEiSvILph9jurb2EM6UKwD+h/ngH+bKJGKHdDSsJ64jZPpzWAcqyEtotxsTYx' +
  '5PM7Ug0AcRtKi0dCYmmdaxsKUYAlP7jUbK7J0BQZTzr5rIpRe8hKmm+cIvTuidbetF09TSHTaI16xjtOR6T0EXeOryCFLI/ZqNYLsTQS8+GCW6Sg' +
  'JhPfTqJ1AuwEvKlNv1O9FVa1L//IhqkfQmBgQoRpXZ59+8EpwSvwxzRckvrRPtVF1PNJrv9d8F4uYipnM++SFmndPiRlHFwVBxTwMhc+lmcPhS5R' +
  'qZ4uXd0ouiXMsAaQnpiN/WdhhqHjyNH0P6BN30qtpZZhpem0Tm2mpGD50vgfKqllVwC5fokJ3wN1kI+wiGgOBNwbSMxJYZRBeoJmc9Y1mREovq6U' +
  'B0FOBLwgrFpfEEr0GmhCzhe+IfL58kLuGzV7tktrcyjkR/wplUUHPblB8vlTgyW4dMyhuB3rZmCWyNhZrZGCdSpwFOJ4584HkZBLjJ8m/gEvlgC+' +
  'BVVLaf8WQBICyVwspIgUx4c5c7W5RIZAXhseuxgnPlxqCZK5inJ6sFLFI4xGcsXdQIlgyl6j81EBckZGbnB7wLw6LMAHlnC5na1zvRRMnzULaX37' +
  'APoqN2REYbnwWzX2Vog2EhZdpkRlU32tcoMwm4dxyyCBjmAZXgIs7kXnFJaK+zcmOtL56DpjXxNlBP+HGmWQT0PGFq8huiQGfZANMEaeYgk3A5H/' +
  'ibAmSTBVfoPi0RobnxFSQRbrmguMgGSFdUwtJvZYZQyx7aRYXphTFxSWNFi2xfDnQQgQEnjpCre6a6XscldC+pk19YTvdpwx5g3I4XDerUUUgoyr' +
  'etrIBA5N4+D0HccrkVYpVVqlhJozEVsEfeS2Do27/ZYEgrcWSGCOp6jAHCEBmLKcHLQzcJ7Vpg1L1DgbBzDVeoyp9irc5EWPaO444MLIgoo4ZxWa' +
  'Q/Oo07/ShP1LrY0cbWZLXIOYiEiDBjQgxlxS7jtQTuq9JBv1RTV5IlQoES5MIU2Q5M1NruCQG1zP/TK8Ty2pUJ9W19dqJ8EBEPUG/bEwM0kRo2Jc' +
  'ZIzmLtrmEZS2Fpl0sTx8rBjA7u9kKM6CTi0dhdmkZU/4XQCNzQvGtTh+fANYd0OzPEr93C1/4tUOJJhQqO7rZiaEVgB0SnkZF+QDk9GTrZTsy5+i' +
  '/01mQLLQR+8IdeohUY5/19VRuedzKO9gkw/rWnMkvIXH8ba04wEA0nZOBPufCGG6SmlSqsZG4xeS1vw7cGDkFrw4AvOszAmaEfr7yCcMHhf4K1q+' +
  'zFVv8DlojN35gTfJQE0N2cgufcmmxZDM3EAVtwACOfJvDtEc+5iPscLMoo051FqxNqZ9SASQ4SREANoJlmMhnGZRAeGEmDJCr/p8aPay2Hr+jIQT' +
  'o9a+NtKZqRpkJ4aqLQHKf/TqPtOnH74wxl/i1guWWV8JxN998pNAKIdNTUb0CJ2LCFbutLT+5q50rC0Gbzf5hBtC3wDZ6FbG9LUsF4LEblj2P7PI' +
  'YlIjp2qseWgylwBlnGEIS12LD7VSEPyZcz2da6RhbMcWq4iujBeEU9+PV+NT7Z3OgAzcCbYMWUgQoi/0KTHNWhYVGPWSX71BSfZckxEoXe8Oj8oC' +
  'a+BpDVP2ta3JTD2hug8QPRChZuDAhA04iDt4NALRE+F9xNFBLcSdp4uZyjJXVP5TD/sFQc8R0KFcoefxpUg21c4sMQRIOUtj9jcFM5m9k/DPwPQS' +
  'myT2KyfU42I1SDksFj/++mwvpsY0Mmd/xS3skUT5Shkb26sV5sqSBTgtjkZpGNM/kc+0UojeunXhalVyujxRNI6YQ6KKjzCBdWS9GBY9e8HCqlZu' +
  'ZdZBGUkkl5hlkoQiCRfOOyfDagEEmwGssyoaWUllfnQr9gYQLOs+4gNJJBv3KpFCNdZTUUVGxOD4ni04RMEiMYSHXdjnJ+A5lvyJB1DK4Dy3N45z' +
  'YR9BCkZV9qR9jZOTCUtFoXIxXsa4i+2DiGPjlesQ+9v6lVRr607nBeBKqGOFHWZPBjg+pHgXUsElOJrLKVQdVEJvflm9mnSg4I+BqFYRezz9OMoF' +
  'ep0/9jsg7Vjk7v6Lol4l8AnXuiYXGK42XQE=';
const MIDDLE =
  'KLUv/QBYrUgABuVRGXBLijkITaR/MrWKov3/x9HS0iZS4Pr/3w1XAEgASwDTm5ba2i1ppXk+idd9Z500Tc80z2CX2vf/4jASIuclpV3PLOuGZuaa' +
  '23U/QCA4igUjAQGxYDwwHBQFRsBAQkGBKAwMCoHiMBIIA4DAYcFgQBwMRoOCsRBkZI/VbGuW4dXVWRW2pIrDSCwllZSUR0dpRDJUKk1CJFSJIzh5' +
  'ddsc0QhNzcwM9jrFYSTseWSWqaQs1rCD189qW69arV6VKga//Kd8cgnJJCPLy5KJmZmYdXlpaZmTzWIgoaB5ZpqkZHEYiUoeIqIgHhoSEhKOKFgc' +
  'RkJQUDDz8vDwxK44jMRcr3pycpXr2ZmZWQWU9B09R9NHH200EhFN9NNC5+HcPNs8zzbTTPOdZ5llxuyZHQl7p06f6SI9PwXvi4GEgt6/WX1dX/Pz' +
  'fK8/g9WoIiZuFbLPGCIIVDAwMhMFvb0BEuhgKDKMszQLHSORJEmyx27tjdyEekBL01HcJk926HHg0OEB851Da5EQq3M1mbBYgzIGqjHS0dMG0cEU' +
  'ohRhqUkvRBE6Ua4+rigvIWyOEANx0WoZEpGqwPDhoeb+d2wpMblJTCcypx3xL2Y+qcPZQs9OoVR49zOiA3ZRqdOPHPqTFjXli+c6uQvpahS1kwoe' +
  'bnpd/x1FjLh7VqfMBehk7eZtcLi4F4JQug93PfxFGIgvxuDO0Sdf6FlTQsYRpvf38sP2MV1f4dEadkBLmU9aEqiAUFT1TJjS+wlMXs8K0lufI3XA' +
  '9wAi0aVsku5Axoqm3O/u0YWaYI/8r80usMIEV2fd7iZFcgotQ/jV8owWZdG3tVQJHhEzyfDy95Jz/ESjKFW6xRPh5t8p7wgVXJmE5kR+XdzOFRkz' +
  '5JymjsIjioVW0eBkXWw0oE15XoyZnTY8ZWeUPMfC8x0IWsSz80D4Q8lCSJBVfG6Rwt4jzoxQwmcdFYzWYj3UfiMIaiv2rz6z3yJXRuRjwdvAIeyO' +
  '0ecISRt7GbdmRtY75p/YwJg66qJityc89BFy4oy3JA83+yw8Lpe+hfFvqXoNUiYfaE6MXGeXfoDzJtpo1zCfPQkUEPI4iqfTXUEUrNmCTWKaKHX1' +
  'cV9wFX0LsssFGG2FYDpF9OnkY7IckZcX7j17CL9nvtudL7QBr43a+XXqqBkobJBeUzuPTwK8eU1WGbl82YHaNyBK5pWKbXZ9S9Y1pyBqarrKehcG' +
  'qSEcZmq7eqRnMmmX1ig8eEoJSqXlRWODdwFhnlaRFJ+aG+44rDS85Ix9lGs1iep6sBRe120uQcBhRpSxeJ5MfyGB7lMtaDR2wfxg4OJt8k7KRmJy' +
  'bseli+M+LqZ0zrQ0vFnDtMOIdKCciVvURbutlJZlqfHK48is32gOqyM61I8wc4o7dOgmxkik25MBmdtRboMUK6sM1DZyu9P4EUx7jzdNKvTGsbte' +
  'QJ/pQaOWGu/u2LdgiVUxn7h9ShzQGiKxMJKj8d35xgP3hGMTyjCODCoqMWjkOTIUYShexszfIss0xyYPLYxIN4dzxQKgcG73ALm1TgosrTCHDBNh' +
  'lLDb/Oa4GtMpjKkgpsMLDgaoCu1LUezejhY9MueziGusMwzoqZe01+T8vxd+PH3YShft5l/CMO1Zuhjlnc70n4rjBkQAYjgX3nOy6/cFwjQr9SF3' +
  'IKOmFiWz5/zLCVy24VL0EhzEZxLNofkxV265TRU4oAhIMgWtD9dz2G2ozz5+4Q2F6NFSa71yg4uQeDjmNOaiRmosYNsJeGYCqUoTFokBvx0VaZ1V' +
  'gREIvYJrd51Q6JRC3LQRMbc9iny7hyQhZTkpjG4hCc5dTckv2VPfraVliqScgmbRmbuEjAN6kWzgOSZoYAj+6AtvGDntm5psalD2rneuBIG83MjF' +
  '5RzT9xYTyLiLj7pVsuWYyuqGrwWi+dPKogjOIUcI10cfAjMDJe4QEJ1o/jfHWH/RHDsKaj4xRgkuM6cbJfOIEAadkU16BcHHj3HB1bzTgJDA5l3/' +
  'UoAibWO/CL8tc3cKnhjZ38IKcscJQYOHmgwnUEvkL6j7QRc3PsH6C/YhLtDG12MEWJYIsM1fbqA105vqsGWlvKttZqhuB2JaM5hDUSA6QAb0IPYJ' +
  'TjYD8blTBp1uWs27gEjkCVHT1d6G/kwCDuNzrlZPVpcFAvMyD37KvARfNFOw+rijCeX8dGb2yGpsQ6YuJFkqtCQlATe6v+GehcME0+QCIEyklzRo' +
  'UipF2khYlr7xDRSKFQLCXfzZRSVJnJz40wsjde1QDdDFIcgJQotBDU1CRQk0Ay6j5pUQrfBA0KTtJjahsO6ZlMBH9NEKuK9auVoGaDhKj1yObEkB' +
  '+cAGJTvn3EhNWb8xgy/LbT5+SENNnJBubCGydgvsY/cqiYV+Z2jSpJAHVyhnu9LOJIwLMLkB80NVKVZIlCoJyx3qJr4QGwAhh9xsDk78tsJNVflx' +
  'AlWJ7h2gwfesagsMiB1zQmWtGQM8uZEZYh8f9B1mbkDOn0jeals3jkcjKeYUc4irYkDARTFrGNT3gRwtVNafs/pyS/+Z7Hgti4jThHuCxJ1ZcFkj' +
  'gKdVyYBrCf95YuuXWe8I2jmcRkvoc3UwLF3fsWXXWkxFleLjQyFYiZfBCp1asIYmsvt4iCMSjt0GiCDDA5TBkKyXYAu6MJ6OAZe415YqwBbI3JV/' +
  'TmE2fkymIMemR8p43rTx3RjLbpxM/vHJ/7V5S+xpSHzG+7gLGV4wObkCMEAbFF1/6RtXBMedSMr6J4HaAbqo3klss9mD3ygLwdi7rFqcMgkmJHkz' +
  '3BLK+fiLorb6Ox/EY0QZEmHb8wFWf5diyd8F5RJHvudxJkKm35pd5IC2IDx1Cq1LEX7w4xIYDAfjgPmoVPpv254MgGTwWMGjwpAV86CywX+w2o6J' +
  'rIYQil6vAUVh0f3l3bLIZnmDDS44A15c/GUbzvYQHG/bFxgUvYnHrBMQ9ckOAPmNQ1LT5p/klA9YfyWUMkzhUQr3T7/IxlMp1BJy5A2AFeS+UWD6' +
  'OFHO/QGsXab3dBZF7j9fJ4CC1OzqVdIFiKAhLytIgwIVAI1+OtzF+y1auqUbM59biV2l+gsY0DNyxHt4pEqDIrMV';
const SMALL =
  'KLUv/QRoZTgA1mVQGaApywGtEdKs/Zys1tpUZUaSScokEw/qVzBdAEMAQgA0M9wwhmUhS36kcRis+/Kojed99q7rqDKRYpA2btsifr8n00QfS0XE' +
  '/GjGHUCAsGBIOCRAcJBwaKBwwFDgIIBAggKGA4MBA4YBhoUDgINDAAQGCQeFgwWFwwIFh4RExGGpNBmJRvxQ3WOPmDQ0U5zHLCZi/L733FNFGtKx' +
  'wdIo2uh8KkrusYzcVaIyIiJSNGkikwlZyLx3UUndnGki0sjDjznW3/GJN7aW0GKLLWKvf041rn/6yCEvT752WsUp3jjjrpKqqKJJ9ZZbbXVVUY1a' +
  'VET98Zepgkzx6aEtYYY504kcfGd34m7hbqirDtt5q6NrdC8h1yWSBMmoUzGFsk0mQlYvP9XiZm7lCLdgBCff9i1qo+eVaGaTGaclkZAtuJksgreo' +
  'giUPN+w1BjIQBCggGlGEUS5vIhAEWBAOYUgGRCkcwQihhBOTpCApZBgD7YXIBm3CLS1pfsUke1SUOKaw0ktSReOVDiLFd5XqqyK+0mQvdwwcDOVC' +
  'RbyUYUEJP08guy+zTguniZOKlCA2NbbAd35W+o5Lsi7GEITp6m0/4btjpUnIpEXt5OBvbI6Q5U9fA1szhwCIh2s75JSNpwLL/B3i4qNbIwBVAxCN' +
  'nWN+U+spwQC9kP12zX2S9UYB78li5LVrdQaXCCnDsxGMXrMCvNIecvLf0WrUDdLBZ+CXsKImRI7VKQStcpUAwTfGmcg0E0b6Opt+uei1xBJ5ApRy' +
  'RcxgkuyaUpJlS1kR25vA7Ave0IVvycuuvUeRmeEuD1yk6YgqgFrpdunKKszcBQV4Fmkbkm37XQSgpH6IYG8yPlJ0RKvMhJrbl5RYqRlBLrOAYQU1' +
  'RHpxlTfvMUqPpSD9kKiKg9fRNz2c7hsaukPJ79V+lrzQk7uDp+tLXvFeomlanufQOhBY3I4oSbCklDXNejv8l/54smXWa59miPLN3c0ds4NbCD/p' +
  '+WQNrx0jiyGYXvEAmy0VRbxADtYIuE47eMDvV2+/w1JgAYK9Lt3IOZkRlE/41RhBAYJiDhApdw9avkSaddQbR8XSYBIKqxWOMSsX2wJ+XMmTMYE3' +
  'l9ce7t3HqkFB7BZ8oGVkc95SxqkmwoPxwwPDSt/JyA/Vomjnv6gRlZo4HTIUO59yygpFo/PUmvHBTD0wp0mBa+JRt6kaT3uWJ51OnltEiYgG6dJc' +
  'RKS20EYNRfTOWv4wXSvtTK4CLjwdTAkssCtMxh7mIjjGYc579zsApFv7jqM1k45vOFr6wZ6KxHjuNCKiEOG4EuhnaZz/OGjfICcAcbvqzyhCOGEg' +
  'kopBWwPKNDqhaPhFsYbC2lzHeHmEmuzbd+IoCrvL8THxbxgXdxTMvQjYxNqU8nA3i/KscUfJpKgKT+2s+XVTGid67XKRVS3h+oyXvwHxL4Z0JkvW' +
  'LF4YJXNRaivlexfxSH70BXL8zKQMFFYrHOGcXUvRpPtDfUSOlrQE4zjV1Aeffl3hvqyEeQuICh1AIMzeOFNVU6xWv8EnCAiPIfUFp7DCeJEv7j7C' +
  '6+yUsQ/6gZlv/1FLgoZdjbIYIvx+fLqeBfbNeDayNhH8/AK/ud8lvs4+wT1rxWRv8nYukVEhqnluaAJxeL5WAyjMFQWu7pKBV9KXCl9jBkZoQWtZ' +
  'zoC8Y3dxQOneaHoXgTWoRFxoy8qp4rLAFDaY1Th61yFt1ND0tDuRYvRxCFxaVeYpVQ+p/jmgBPAKl6DJ6JtMrblskiiconHlblc4shxp22Xy+dhW' +
  'BO2/tjnWDQFXS6PU3R+uOLSFFvDhExodvx7k2lQqAmPeBv8EC2CNWepapbFUmDtxHfgpCB3RRxbSUI42/XKFTZI1J8aqDsLX6A/AmnWYecOZSzHJ' +
  'H87aWiVsZIG67Uj9ELSRsgUs/yzSI8CUFKhDXROrU89KbsQKfC/12bKvqrEyqlEE/LXbNYEftz3etA1eatAcsoZX1HzJh4Zf/DQsmZk5TTZxKboT' +
  'OY5vNsB8EP3S7RpRojkGygzpgAKctwwUh4B/8sL8kpK5Z6pRoBaMmaaCNx82VvYXi+8hVEW+G4gWO0/XSFE6TvOTDZRPNTPpYRbXPDLiUccak2gN' +
  'MOzwyq9ohkvSlEI+5gDnGm7bBvDJeOec72xTmnlt0SLDPg9b9794pZ8kwa82C+oZJ63LIPACysT6u0wV08dUkN8nIjrgPNFeUWLZNYMANoffj5AM' +
  'c7DcCYVDFH5R7L7mM2g84dL9gCk27ZxDd2CbGGyBX/xvAdm+PZ/iiVS1SFS8xVVCcU4Tzw1XmVYOs4VapKuck1ExBEY2LpcTRoLFxuPE7vwZucx1' +
  '5squN+prWz1FI5InJTl+c0rfPDaWse1c9pzxMfl7aQrpJe4J7usoAhnajQcHwMhbAXeS3ls=';

const MEBIBYTE = 1024 * 1024;
const MAGIC = Buffer.from('28b52ffd', 'hex');
/** A window of 8 MiB, of 16 MiB, and no sizes. */
const WINDOW_8 = Buffer.from([0x00, 13 << 3]);
const WINDOW_16 = Buffer.from([0x00, 14 << 3]);

function block(kind: 'raw' | 'repeat' | 'coded' | 'reserved', size: number, content: Buffer, last = false): Buffer {
  const head = Buffer.alloc(3);
  head.writeUIntLE((size << 3) | (['raw', 'repeat', 'coded', 'reserved'].indexOf(kind) << 1) | Number(last), 0, 3);
  return Buffer.concat([head, content]);
}

const zeros = (last = false) => block('repeat', 128 * 1024, Buffer.from([0]), last);
const raw = (text: string, last = false) => block('raw', text.length, Buffer.from(text), last);

function skipped(text: string): Buffer {
  const head = Buffer.from('502a4d1800000000', 'hex');
  head.writeUInt32LE(text.length, 4);
  return Buffer.concat([head, Buffer.from(text)]);
}

async function decoded(source: Iterable<Buffer>): Promise<string> {
  const stream = async function* () {
    for (const chunk of source) yield await Promise.resolve(chunk);
  };
  const blocks: Buffer[] = [];
  for await (const part of unzstd(stream())) blocks.push(part);
  return Buffer.concat(blocks).toString();
}

function* pieces(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe('what the reference encoder writes', () => {
  test.each([
    ['fast', FAST],
    ['middle', MIDDLE],
    ['small', SMALL],
  ])('comes back, however it is cut: %s', async (_, base64) => {
    const bytes = Buffer.from(base64, 'base64');
    expect(unzstdWhole(bytes, MEBIBYTE)?.toString()).toBe(TEXT);
    for (const size of [1, 7, 100, bytes.length]) expect(await decoded(pieces(bytes, size))).toBe(TEXT);
  });

  test('comes back from several frames, with what is to be skipped between them', async () => {
    const bytes = [skipped('note'), Buffer.from(SMALL, 'base64'), skipped(''), Buffer.from(FAST, 'base64')];
    expect(await decoded(bytes)).toBe(TEXT + TEXT);
    expect(unzstdWhole(Buffer.concat(bytes), MEBIBYTE)?.length).toBe(2 * TEXT.length);
  });

  test('that is cut short is refused wherever it ends', () => {
    const bytes = Buffer.from(SMALL, 'base64');
    for (let length = 1; length < bytes.length; length += 7) {
      expect(() => unzstdWhole(bytes.subarray(0, length), MEBIBYTE)).toThrow(RangeError);
    }
  });

  test('and was changed on its way is refused or of another content, and nothing else happens', () => {
    let seed = 1;
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor(seed / 65_536) % below;
    };
    let refused = 0;
    for (let round = 0; round < 900; round += 1) {
      const bytes = Buffer.from([FAST, MIDDLE, SMALL][round % 3] ?? '', 'base64');
      for (let change = 0; change <= round % 4; change += 1) bytes[random(bytes.length)] = random(256);
      try {
        unzstdWhole(bytes, MEBIBYTE);
      } catch (error) {
        refused += 1;
        if (!/^(A|The|Literals) [a-z].*\.$/.test((error as Error).message)) throw error;
      }
    }
    expect(refused).toBeGreaterThan(200);
  });
});

test('plain blocks come back', async () => {
  const frame = [MAGIC, WINDOW_8, raw('one '), block('repeat', 5, Buffer.from('x')), raw(' two', true)];
  expect(await decoded(frame)).toBe('one xxxxx two');
});

test('nothing is nothing', async () => {
  expect(await decoded([])).toBe('');
  expect(unzstdWhole(Buffer.alloc(0), 10)).toHaveLength(0);
});

test('little that makes much comes block by block, as it is wanted', async () => {
  let fed = 0;
  const endless = async function* () {
    yield await Promise.resolve(Buffer.concat([MAGIC, WINDOW_8]));
    for (; ; fed += 1) yield zeros();
  };
  let taken = 0;
  for await (const part of unzstd(endless())) {
    taken += part.length;
    if (taken >= 64 * MEBIBYTE) break;
  }
  expect(fed * 128 * 1024).toBeLessThanOrEqual(64 * MEBIBYTE);
});

test('a whole that is longer than it may be is undefined', () => {
  const bytes = Buffer.concat([MAGIC, WINDOW_8, zeros(), zeros(true)]);
  expect(unzstdWhole(bytes, 256 * 1024)).toHaveLength(256 * 1024);
  expect(unzstdWhole(bytes, 256 * 1024 - 1)).toBeUndefined();
});

test.each([
  ['other bytes', [Buffer.from('this is not it')], 'The bytes are not of Zstandard.'],
  ['a window above 8 MiB', [MAGIC, WINDOW_16, raw('x', true)], 'A frame needs a window above 8 MiB.'],
  [
    'a content above 8 MiB in one window',
    [MAGIC, Buffer.from([0xa0, 1, 0, 0, 1])],
    'A frame needs a window above 8 MiB.',
  ],
  ['a dictionary', [MAGIC, Buffer.from([0x21, 7, 1]), raw('x', true)], 'A frame needs a dictionary.'],
  ['reserved flags', [MAGIC, Buffer.from([0x08, 0, 0])], 'A frame uses what is reserved.'],
  ['a reserved block', [MAGIC, WINDOW_8, block('reserved', 1, Buffer.from('x'))], 'A block is longer than it may be.'],
  [
    'a block above 128 KiB',
    [MAGIC, WINDOW_8, block('repeat', 131_073, Buffer.from('x'))],
    'A block is longer than it may be.',
  ],
  [
    'a block that refers to none before it',
    [MAGIC, WINDOW_8, block('coded', 4, Buffer.from([3, 0, 0, 0]), true)],
    'A block refers to a tree that is not there.',
  ],
  ['bytes after the last frame', [MAGIC, WINDOW_8, raw('x', true), Buffer.from('rest')], 'The frame is cut short.'],
])('%s is refused', async (_, source, message) => {
  await expect(decoded(source)).rejects.toThrow(message);
});
